#include <doctest/doctest.h>

#include "runtime/recorded_faces.hpp"
#include "support/allocations.hpp"

using namespace rostro;
using namespace rostro::testing;

namespace {

constexpr Size kCrop = {16, 16};

/// A card of a network with one output, and the network, which gives these numbers for each face.
CardedNetwork carded(const std::string& task, const std::vector<float>& numbers) {
  CardedNetwork made;
  made.card.name = task;
  made.card.task = task;
  made.card.inputs = {"crops"};
  made.card.outputs = {"output"};
  std::vector<Recording> recordings;
  for (std::int64_t rows = 1; rows <= 2; ++rows) {
    std::vector<float> all;
    for (std::int64_t row = 0; row < rows; ++row) {
      all.insert(all.end(), numbers.begin(), numbers.end());
    }
    recordings.push_back(
        {{{"crops", {rows, 3, kCrop.height, kCrop.width}, {}}},
         {{"output", {rows, static_cast<std::int64_t>(numbers.size())}, std::move(all)}}});
  }
  made.network = recorded(std::move(recordings));
  return made;
}

CropRule crop() {
  CropRule rule;
  rule.size = kCrop;
  return rule;
}

std::vector<CardedNetwork> alone(CardedNetwork network) {
  std::vector<CardedNetwork> networks;
  networks.push_back(std::move(network));
  return networks;
}

std::unique_ptr<Stage> landmarks() {
  CardedNetwork points = carded("landmarks", std::vector<float>(2 * 68, 0.5f));
  LandmarkerSettings settings;
  settings.name = "points";
  settings.scheme = "ibug68";
  settings.crop = crop();
  points.card.landmarker = settings;
  points.card.points.points = "output";
  std::unique_ptr<Stage> stage;
  must(make_landmarker(points.card, std::move(points.network), false, stage));
  return stage;
}

std::unique_ptr<Stage> pose() {
  CardedNetwork angles = carded("pose", {10, 20, 30});
  HeadPoseSettings settings;
  settings.crop = crop();
  angles.card.head_pose = settings;
  std::unique_ptr<Stage> stage;
  must(make_head_pose(alone(std::move(angles)), stage));
  return stage;
}

std::unique_ptr<Stage> liveness() {
  CardedNetwork live = carded("liveness", {0, 0});
  LivenessSettings settings;
  settings.crop = crop();
  settings.live = {1};
  live.card.liveness = settings;
  live.card.live = "output";
  std::unique_ptr<Stage> stage;
  must(make_liveness(alone(std::move(live)), stage));
  return stage;
}

std::unique_ptr<Stage> attributes() {
  CardedNetwork emotions = carded("attributes", {1, 1, 1, 5});
  AttributesSettings settings;
  settings.crop = crop();
  AttributeHead emotion, age;
  emotion.name = "emotion";
  emotion.first = 0;
  emotion.count = 3;
  age.name = "age";
  age.kind = AttributeKind::number;
  age.first = 3;
  settings.heads = {emotion, age};
  emotions.card.attributes = settings;
  std::unique_ptr<Stage> stage;
  must(make_attributes(emotions.card, std::move(emotions.network), stage));
  return stage;
}

std::unique_ptr<Stage> quality() {
  CardedNetwork scalar = carded("quality", {0.25f});
  QualitySettings settings;
  settings.output = "output";
  settings.network.crop = crop();
  scalar.card.quality = settings;
  std::unique_ptr<Stage> stage;
  must(make_quality(scalar.card, std::move(scalar.network), stage));
  return stage;
}

const Column kAge{"attributes.age", "age"};

}  // namespace

TEST_CASE("stages: networks of every task, without memory from the second frame") {
  std::vector<std::unique_ptr<Stage>> stages(1);
  must(make_detector(detector_card(), recorded({found_faces(detector_card())}), stages[0]));
  stages.push_back(landmarks());
  stages.push_back(pose());
  stages.push_back(liveness());
  stages.push_back(attributes());
  stages.push_back(quality());
  FacePipeline pipeline(std::move(stages));
  const Frame frame;
  Faces faces;
  for (int i = 0; i < 2; ++i) must(pipeline.find(frame.view(), faces));
  CHECK(allocations_of([&] {
          for (int i = 0; i < 20; ++i) must(pipeline.find(frame.view(), faces));
        }) == 0);
  REQUIRE(faces.size() == 2);
  CHECK(faces.scheme == "ibug68");
  CHECK(faces.has(columns::points));
  CHECK(faces.get(columns::live)[1] == 0.5f);
  CHECK(faces.get(columns::quality)[1] == 0.25f);
  CHECK(faces.get(kAge)[1] == 5);
  // Yaw of 300W-LP is positive to the other side.
  CHECK(faces.get(columns::poses)[0] < 0);
}

TEST_CASE("stages: what does not go together is refused") {
  std::unique_ptr<Stage> stage;
  CHECK(make_liveness({}, stage).code == StatusCode::invalid_argument);
  CardedNetwork pose = carded("pose", {1, 2, 3});
  CHECK(make_liveness(alone(std::move(pose)), stage).code == StatusCode::wrong_model);
  Card embedder = embedder_card();
  CHECK(make_quality(embedder, nullptr, stage).code == StatusCode::wrong_model);
  embedder.quality.emplace().kind = QualityKind::norm;
  CHECK(make_quality(embedder, nullptr, stage).ok());
  std::vector<std::unique_ptr<Stage>> stages;
  must(make_detector(detector_card(), recorded({found_faces(detector_card())}),
                     stages.emplace_back()));
  stages.push_back(std::move(stage));
  FacePipeline pipeline(std::move(stages));
  const Frame frame;
  Faces faces;
  const Status status = pipeline.find(frame.view(), faces);  // before any embedder
  CHECK(status.code == StatusCode::invalid_argument);
  CHECK(status.message.rfind("faces: got a table without norms", 0) == 0);
}
