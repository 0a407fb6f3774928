#include <cmath>

#include "detect/codecs.hpp"

namespace rostro {

void decode_heat_map(const HeadFrame& frame, const Anchor& anchor, float* box, float* landmarks) {
  const float s = anchor.stride;
  const Numbers scale = frame.numbers(Kind::boxes, anchor);     // height, width
  const Numbers offset = frame.numbers(Kind::offsets, anchor);  // y, x
  const float height = std::exp(scale[0]) * s;
  const float width = std::exp(scale[1]) * s;
  put_box((anchor.column + offset[1] + 0.5f) * s, (anchor.row + offset[0] + 0.5f) * s, width,
          height, box);
  if (landmarks == nullptr) return;
  const Numbers k = frame.numbers(Kind::points, anchor);  // y, x of each
  for (std::size_t i = 0; i < kLandmarks; ++i) {
    landmarks[2 * i] = k[2 * i + 1] * width + box[0];
    landmarks[2 * i + 1] = k[2 * i] * height + box[1];
  }
}

}  // namespace rostro
