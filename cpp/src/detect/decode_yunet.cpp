#include <cmath>

#include "detect/codecs.hpp"

namespace rostro {

void decode_yunet(const HeadFrame& frame, const Anchor& anchor, float* box, float* landmarks) {
  const float s = anchor.stride;
  const Numbers b = frame.numbers(Kind::boxes, anchor);
  put_box((anchor.column + b[0]) * s, (anchor.row + b[1]) * s, std::exp(b[2]) * s,
          std::exp(b[3]) * s, box);
  if (landmarks == nullptr) return;
  const Numbers k = frame.numbers(Kind::points, anchor);
  for (std::size_t i = 0; i < kLandmarks; ++i) {
    landmarks[2 * i] = (anchor.column + k[2 * i]) * s;
    landmarks[2 * i + 1] = (anchor.row + k[2 * i + 1]) * s;
  }
}

}  // namespace rostro
