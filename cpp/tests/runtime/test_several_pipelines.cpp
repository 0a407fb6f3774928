#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "runtime/recorded_faces.hpp"

using namespace rostro;
using namespace rostro::testing;

TEST_CASE("pipelines: several run at once, and each finds what it finds alone") {
  const Frame frame;
  const auto run = [&](std::atomic<int>& right) {
    std::vector<std::unique_ptr<Stage>> stages(4);
    must(make_detector(detector_card(), recorded({found_faces(detector_card())}), stages[0]));
    must(make_quality(QualityPurpose::recognize, stages[1]));
    must(make_head_pose(60, stages[2]));
    must(make_embedder(embedder_card(), recorded({embeddings(1), embeddings(2)}), stages[3]));
    FacePipeline pipeline(std::move(stages));
    Faces faces;
    for (int i = 0; i < 5; ++i) {
      must(pipeline.find(frame.view(), faces));
      right += faces.size() == 2 && faces.get(columns::scores)[1] == 0.8f &&
               faces.has(columns::poses) && faces.has(columns::quality) &&
               faces.get(columns::norms)[1] == faces.get(columns::norms)[0];
    }
  };
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) threads.emplace_back([&] { run(right); });
  for (std::thread& thread : threads) thread.join();
  CHECK(right == 15);
}
