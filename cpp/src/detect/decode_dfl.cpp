#include <algorithm>
#include <cmath>

#include "detect/codecs.hpp"

namespace rostro {

namespace {

constexpr std::size_t kBins = 16;

/// The mean of a side's distribution, in strides.
float expected(const Numbers& numbers, std::size_t side) {
  float logits[kBins];
  for (std::size_t i = 0; i < kBins; ++i) logits[i] = numbers[side * kBins + i];
  const float highest = *std::max_element(logits, logits + kBins);
  float sum = 0;
  float weighted = 0;
  for (std::size_t i = 0; i < kBins; ++i) {
    const float weight = std::exp(logits[i] - highest);
    sum += weight;
    weighted += weight * static_cast<float>(i);
  }
  return weighted / sum;
}

}  // namespace

void decode_dfl(const HeadFrame& frame, const Anchor& anchor, float* box, float* landmarks) {
  const float s = anchor.stride;
  const Numbers b = frame.numbers(Kind::boxes, anchor);
  box[0] = (anchor.column + 0.5f - expected(b, 0)) * s;
  box[1] = (anchor.row + 0.5f - expected(b, 1)) * s;
  box[2] = (anchor.column + 0.5f + expected(b, 2)) * s;
  box[3] = (anchor.row + 0.5f + expected(b, 3)) * s;
  if (landmarks == nullptr) return;
  const PointColumns& points = frame.head().points;
  for (std::size_t i = 0; i < kLandmarks; ++i) {
    const std::size_t at = points.first + i * points.step;
    landmarks[2 * i] = (anchor.column + 2 * b[at]) * s;
    landmarks[2 * i + 1] = (anchor.row + 2 * b[at + 1]) * s;
  }
}

}  // namespace rostro
