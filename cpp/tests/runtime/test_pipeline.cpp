#include <doctest/doctest.h>

#include <atomic>
#include <limits>
#include <thread>

#include "rostro/runtime/pipeline.hpp"
#include "runtime/recorded_faces.hpp"
#include "support/allocations.hpp"

using namespace rostro;
using namespace rostro::testing;

namespace {

/// Everything there is, around recorded networks.
std::unique_ptr<FacePipeline> pipeline_of(Recording finder, std::vector<Recording> knower) {
  std::vector<std::unique_ptr<Stage>> stages(4);
  must(make_detector(detector_card(), recorded({std::move(finder)}), stages[0]));
  must(make_quality(QualityPurpose::recognize, stages[1]));
  must(make_head_pose(60, stages[2]));
  must(make_embedder(embedder_card(), recorded(std::move(knower)), stages[3]));
  return std::make_unique<FacePipeline>(std::move(stages));
}

std::unique_ptr<FacePipeline> pipeline_of() {
  return pipeline_of(found_faces(detector_card()), {embeddings(1), embeddings(2)});
}

/// A stage that waits.
class Slow : public Stage {
 public:
  void run(const ImageView&, Faces&) override {
    entered = true;
    while (!may_end) std::this_thread::yield();
  }
  std::atomic<bool> entered{false}, may_end{false};
};

}  // namespace

TEST_CASE("pipeline: faces, quality, poses and embeddings, without memory from the second frame") {
  const auto pipeline = pipeline_of();
  const Frame frame;
  Faces faces;
  must(pipeline->find(frame.view(), faces));
  REQUIRE(faces.size() == 2);
  CHECK(faces.get(columns::scores)[0] == 0.9f);
  for (const Column& column : {columns::boxes, columns::landmarks, columns::quality, columns::poses,
                               columns::embeddings, columns::norms}) {
    CAPTURE(column.name);
    CHECK(faces.has(column));
  }
  CHECK(faces.get(columns::embeddings)[0] == doctest::Approx(1 / std::sqrt(8.0)));
  must(pipeline->find(frame.view(), faces));
  std::size_t asked = 0;
  for (int i = 0; i < 20; ++i) {
    asked += allocations_of([&] { must(pipeline->find(frame.view(), faces)); });
  }
  CHECK(asked == 0);
  CHECK(faces.size() == 2);
}

TEST_CASE("pipeline: frames that cannot be read are refused, and the next one is found") {
  const auto pipeline = pipeline_of();
  const Frame frame;
  Faces faces;
  ImageView image = frame.view();
  image.data = nullptr;
  Status status = pipeline->find(image, faces);
  CHECK(status.code == StatusCode::invalid_argument);
  CHECK(status.message.rfind("image: got", 0) == 0);
  image = frame.view();
  image.row_stride = 3 * kWidth - 1;
  status = pipeline->find(image, faces);
  CHECK(status.code == StatusCode::invalid_argument);
  CHECK(status.message == "image: got rows 959 bytes apart; at least the 960 of a row are wanted");
  CHECK(faces.size() == 0);
  CHECK(pipeline->find(frame.view(), faces).ok());
  CHECK(faces.size() == 2);
}

TEST_CASE("pipeline: numbers that are not finite, and outputs of other shapes, are refused") {
  const Frame frame;
  Faces faces;
  const float nan = std::numeric_limits<float>::quiet_NaN();
  Status status = pipeline_of(found_faces(detector_card(), nan), {embeddings(1), embeddings(2)})
                      ->find(frame.view(), faces);
  CHECK(status.code == StatusCode::network_failed);
  status = pipeline_of(found_faces(detector_card()), {embeddings(1, nan), embeddings(2, nan)})
               ->find(frame.view(), faces);
  CHECK(status.code == StatusCode::network_failed);
  CHECK(status.message.rfind("knower: an embedding of norm nan", 0) == 0);
  Recording cut = found_faces(detector_card());
  cut.outputs[3].sides[1] /= 2;
  status = pipeline_of(std::move(cut), {embeddings(1)})->find(frame.view(), faces);
  CHECK(status.code == StatusCode::wrong_model);
  CHECK(status.message.rfind("finder: is this its head?", 0) == 0);
  CHECK(faces.size() == 0);
}

TEST_CASE("pipeline: cards and networks that do not go together are refused") {
  std::unique_ptr<Stage> stage;
  Status status = make_detector(embedder_card(), recorded({embeddings(1)}), stage);
  CHECK(status.code == StatusCode::wrong_model);
  CHECK(status.message == "card: got a model for \"embed\"; one for \"detect\" is wanted");
  status = make_embedder(embedder_card(), nullptr, stage);
  CHECK(status.message == "knower: got no network; one is wanted");
  Recording other = embeddings(1);
  other.outputs[0].name = "fc1";
  status = make_embedder(embedder_card(), recorded({other}), stage);
  CHECK(status.message == "recorded network: has no output embedding");
  status = make_head_pose(200, stage);
  CHECK(status.code == StatusCode::invalid_argument);
  CHECK(stage == nullptr);
}

TEST_CASE("pipeline: a second thread is refused, another pipeline runs meanwhile") {
  std::vector<std::unique_ptr<Stage>> stages;
  stages.push_back(std::make_unique<Slow>());
  Slow& slow = static_cast<Slow&>(*stages.front());
  FacePipeline pipeline(std::move(stages));
  const Frame frame;
  Status first;
  std::thread other([&] {
    Faces faces;
    first = pipeline.find(frame.view(), faces);
  });
  while (!slow.entered) std::this_thread::yield();
  Faces faces;
  const Status second = pipeline.find(frame.view(), faces);
  CHECK(second.code == StatusCode::busy);
  CHECK(second.message == "pipeline: runs in another thread; one for each thread is wanted");
  CHECK(pipeline_of()->find(frame.view(), faces).ok());
  slow.may_end = true;
  other.join();
  CHECK(first.ok());
}

TEST_CASE("pipeline: a network that mixes the crops of a batch gets one at a time") {
  Recording two = embeddings(2);
  for (std::size_t i = kDim; i < 2 * kDim; ++i) two.outputs[0].numbers[i] = 5;  // alone it is 1
  const auto pipeline = pipeline_of(found_faces(detector_card()), {embeddings(1), two});
  const Frame frame;
  Faces faces;
  for (int i = 0; i < 2; ++i) {
    must(pipeline->find(frame.view(), faces));
    CHECK(faces.get(columns::norms)[1] == doctest::Approx(std::sqrt(8.0)));
  }
}
