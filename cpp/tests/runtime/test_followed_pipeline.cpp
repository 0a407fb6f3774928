#include <doctest/doctest.h>

#include "rostro/error.hpp"
#include "rostro/runtime/followed_pipeline.hpp"
#include "runtime/recorded_faces.hpp"
#include "support/allocations.hpp"

using namespace rostro;
using namespace rostro::testing;

namespace {

/// Two faces, each in a direction of its own; alone it is the second one.
std::vector<Recording> directions() {
  std::vector<Recording> recordings = {embeddings(1, 0), embeddings(2, 0)};
  recordings[0].outputs[0].numbers[1] = 1;
  recordings[1].outputs[0].numbers[0] = recordings[1].outputs[0].numbers[kDim + 1] = 1;
  return recordings;
}

FollowedPipeline followed(double embed_every) {
  std::vector<std::unique_ptr<Stage>> stages(1);
  must(make_detector(detector_card(), recorded({found_faces(detector_card())}), stages[0]));
  std::unique_ptr<Stage> embedder;
  must(make_embedder(embedder_card(), recorded(directions()), embedder));
  FollowSettings settings;
  settings.embed_every = embed_every;
  return {std::move(stages), std::move(embedder), settings};
}

}  // namespace

TEST_CASE("followed pipeline: ids last, and faces are embedded when they are new or it is time") {
  FollowedPipeline pipeline = followed(1);
  const Frame frame;
  Faces faces;
  std::vector<int> embedded;
  for (int i = 0; i < 40; ++i) {
    must(pipeline.find(frame.view(), 0.05 * i, faces));
    REQUIRE(faces.size() == 2);
    const auto* ids = faces.get<std::int64_t>(columns::ids);
    CHECK(ids[0] == (i == 0 ? -1 : 1));
    CHECK(ids[1] == (i == 0 ? -1 : 2));
    if (faces.has(columns::embeddings)) embedded.push_back(i);
    CHECK(pipeline.events().size() == (i == 1 ? 2 : 0));
  }
  // Who has no id yet, and who has one since then, is new.
  CHECK(embedded == std::vector<int>{0, 1, 21});
  std::vector<float> mean;
  pipeline.template_of(2, mean);
  REQUIRE(mean.size() == kDim);
  CHECK(mean[1] == 1);
  pipeline.template_of(3, mean);
  CHECK(mean.empty());
}

TEST_CASE("followed pipeline: no memory while nobody new comes") {
  FollowedPipeline pipeline = followed(0);
  const Frame frame;
  Faces faces;
  double time = 0;
  const auto next = [&] { must(pipeline.find(frame.view(), time += 0.05, faces)); };
  for (int i = 0; i < 5; ++i) next();
  CHECK(allocations_of([&] {
          for (int i = 0; i < 20; ++i) next();
        }) == 0);
  CHECK(faces.has(columns::embeddings));
}

TEST_CASE("followed pipeline: times that turn back") {
  FollowedPipeline pipeline = followed(1);
  const Frame frame;
  Faces faces;
  for (const double time : {5.0, 5.1}) must(pipeline.find(frame.view(), time, faces));
  const Status status = pipeline.find(frame.view(), 5.1, faces);
  CHECK(status.code == StatusCode::invalid_argument);
  CHECK(status.message.rfind("time: got 5.1", 0) == 0);
  CHECK(faces.size() == 0);
  for (const double time : {0.0, 0.1}) must(pipeline.find(frame.view(), time, faces));
  // A new stream, in which both are known again.
  CHECK(faces.get<std::int64_t>(columns::ids)[0] == 1);
}

TEST_CASE("followed pipeline: settings out of range are refused") {
  FollowSettings settings;
  settings.embed_every = -1;
  CHECK_THROWS_AS(FollowedPipeline({}, nullptr, settings), InvalidArgument);
}
