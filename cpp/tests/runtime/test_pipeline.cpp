#include <doctest/doctest.h>

#include <atomic>
#include <limits>
#include <thread>

#include "rostro/runtime/pipeline.hpp"
#include "rostro/runtime/recorded_network.hpp"
#include "support/allocations.hpp"

using namespace rostro;
using testing::allocations_of;

namespace {

constexpr int kWidth = 320, kHeight = 192;
constexpr std::size_t kDim = 8;

/// A card of SCRFD's head; its network finds two faces.
Card detector_card() {
  Card card;
  card.name = "finder";
  card.task = "detect";
  card.inputs = {"image"};
  card.outputs = {"s8", "s16", "s32", "b8", "b16", "b32", "k8", "k16", "k32"};
  DetectorSettings settings;
  settings.name = card.name;
  settings.head = "scrfd";
  settings.network_outputs = card.outputs;
  card.detector = settings;
  return card;
}

Recording found_faces(const Card& card, float value = 2.0f) {
  Recording recording;
  recording.inputs = {{"image", {1, 3, kHeight, kWidth}, {}}};
  std::size_t i = 0;
  for (const std::size_t columns : {1, 4, 10}) {
    for (const int stride : {8, 16, 32}) {
      const std::int64_t anchors = 2 * (kWidth / stride) * (kHeight / stride);
      std::vector<float> numbers(static_cast<std::size_t>(anchors) * columns,
                                 columns == 1 ? 0.0f : value);
      // Points that are apart, as a face's are.
      for (std::size_t k = 0; columns == 10 && k < numbers.size(); ++k) {
        const float place[] = {-1, -1, 1, -1, 0, 0, -0.7f, 1, 0.7f, 1};
        numbers[k] = place[k % 10];
      }
      if (columns == 1 && stride == 16) numbers[100] = 0.9f, numbers[150] = 0.8f;
      recording.outputs.push_back({card.outputs[i++],
                                   {1, anchors, static_cast<std::int64_t>(columns)},
                                   std::move(numbers)});
    }
  }
  return recording;
}

Card embedder_card() {
  Card card;
  card.name = "knower";
  card.task = "embed";
  card.inputs = {"crops"};
  card.outputs = {"embedding"};
  card.embedding = "embedding";
  EmbedderSettings settings;
  settings.name = card.name;
  settings.dim = kDim;
  card.embedder = settings;
  return card;
}

Recording embeddings(std::int64_t rows, float value = 1.0f) {
  std::vector<float> numbers(static_cast<std::size_t>(rows) * kDim, value);
  return {{{"crops", {rows, 3, 112, 112}, {}}},
          {{"embedding", {rows, static_cast<std::int64_t>(kDim)}, std::move(numbers)}}};
}

std::unique_ptr<Network> recorded(std::vector<Recording> recordings) {
  return std::make_unique<RecordedNetwork>(std::move(recordings));
}

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

struct Frame {
  Frame() : pixels(std::size_t{3} * kWidth * kHeight) {
    for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(i % 251);
  }
  ImageView view() const {
    return {pixels.data(), {kWidth, kHeight}, 3 * kWidth, PixelFormat::bgr};
  }
  std::vector<std::uint8_t> pixels;
};

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
