#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "rostro/error.hpp"
#include "rostro/liveness.hpp"

using namespace rostro;

namespace {

LivenessSettings settings(LivenessCodec codec, std::size_t classes,
                          const std::vector<std::size_t>& live) {
  LivenessSettings made;
  made.name = "net";
  made.crop.size = {4, 4};
  made.codec = codec;
  made.classes = classes;
  made.live = live;
  return made;
}

std::vector<float> finish(const LivenessSettings& of, const std::vector<float>& numbers) {
  std::vector<float> live(numbers.size() / of.classes);
  Liveness(of).finish({numbers.data(), live.size(), of.classes}, live.size(), live.data());
  return live;
}

}  // namespace

TEST_CASE("liveness: a face goes through both halves") {
  const std::vector<std::uint8_t> pixels(8 * 8 * 3, 128);
  const ImageView image{pixels.data(), {8, 8}, 24, PixelFormat::bgr};
  Faces faces(1);
  float* box = faces.add<float>(columns::boxes);
  box[0] = box[1] = 2;
  box[2] = box[3] = 6;
  const Liveness task(settings(LivenessCodec::softmax, 2, {1}));
  std::vector<float> tensor(3 * 4 * 4);
  CHECK(task.prepare(image, faces, 0, 1, tensor.data()).size() == 1);
  CHECK(tensor[0] == doctest::Approx(128));
  const std::vector<float> logits = {0, 0};
  float live = -1;
  task.finish({logits.data(), 1, 2}, 1, &live);
  CHECK(live == doctest::Approx(0.5f));
}

TEST_CASE("liveness: classes, flags and probabilities") {
  CHECK(finish(settings(LivenessCodec::softmax, 3, {0, 2}), {1, 1, 1, 0, 80, 0})[0] ==
        doctest::Approx(2.0f / 3));
  CHECK(finish(settings(LivenessCodec::sigmoid, 1, {0}), {-300})[0] == 0);
  CHECK(finish(settings(LivenessCodec::sigmoid, 1, {}), {-300})[0] == 1);
  CHECK(finish(settings(LivenessCodec::probabilities, 2, {0}), {0.25f, 0.75f})[0] == 0.25f);
  CHECK_THROWS_AS(finish(settings(LivenessCodec::probabilities, 2, {0}), {0.5f, 0.6f}),
                  ModelMismatch);
  CHECK_THROWS_AS(finish(settings(LivenessCodec::softmax, 2, {0}), {NAN, 0}), ModelMismatch);
  CHECK_THROWS_AS(Liveness(settings(LivenessCodec::softmax, 2, {2})), InvalidArgument);
  float mean[2];
  mean_live({{0.25f, 1}, {0.75f, 0}}, mean);
  CHECK(mean[0] == 0.5f);
  CHECK(mean[1] == 0.5f);
}
