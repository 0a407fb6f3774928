#include "detect/codecs.hpp"

namespace rostro {

void decode_rows(const HeadFrame& frame, const Anchor& anchor, float* box, float* landmarks) {
  const Numbers b = frame.numbers(Kind::boxes, anchor);
  if (frame.head().fractions) {
    const auto width = static_cast<float>(frame.input().width);
    const auto height = static_cast<float>(frame.input().height);
    box[0] = b[0] * width;
    box[1] = b[1] * height;
    box[2] = b[2] * width;
    box[3] = b[3] * height;
  } else {
    put_box(b[0], b[1], b[2], b[3], box);
  }
  if (landmarks == nullptr) return;
  const PointColumns& points = frame.head().points;
  for (std::size_t i = 0; i < kLandmarks; ++i) {
    landmarks[2 * i] = b[points.first + i * points.step];
    landmarks[2 * i + 1] = b[points.first + i * points.step + 1];
  }
}

}  // namespace rostro
