// Every public header and one call of each topic, against the installed library.
#include <cstdio>
#include <vector>

#include "rostro/rostro.hpp"

int main() {
  using namespace rostro;
  const std::vector<std::uint8_t> frame(640 * 480 * 3, 200);
  const ImageView image{frame.data(), {640, 480}, 640 * 3, PixelFormat::bgr};

  std::vector<float> tensor(3 * 320 * 320);
  const LetterboxTransform transform = letterbox_f32(image, {{320, 320}}, {}, tensor.data());

  const Point face[kLandmarks] = {{300, 200}, {340, 200}, {320, 225}, {305, 245}, {335, 245}};
  std::vector<std::uint8_t> crop(112 * 112 * 3);
  align_u8(image, face, 1, find_template("arcface", {112, 112}), {112, 112}, ChannelOrder::bgr,
           crop.data());

  const float boxes[] = {0, 0, 10, 10, 1, 1, 10, 10};
  const float scores[] = {0.9f, 0.8f};
  const auto kept = nms_hard(boxes, scores, 2, 0.3f, 10);

  const float embeddings[] = {0.6f, 0.8f, 0.8f, -0.6f};
  std::int8_t codes[4];
  float scales[2];
  quantize_embeddings(embeddings, 2, 2, codes, scales);
  const Matches matches = search_int8({codes, scales, 2, 2}, {codes + 2, scales + 1, 1, 2}, 1);

  std::printf("%s: scale %.1f, %zu kept, pixel %d\n", simd::name(simd::level()).data(),
              static_cast<double>(transform.scale_x), kept.size(), crop[0]);
  return kept.size() == 1 && crop[0] == 200 && matches.indices[0] == 1 &&
                 find_head("yunet").levels.size() == 3
             ? 0
             : 1;
}
