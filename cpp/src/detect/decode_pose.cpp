#include "detect/codecs.hpp"

namespace rostro {

namespace {

/// The mean of a distribution over 66 bins of 3 degrees from -99.
float expected_degrees(const Numbers& probabilities) {
  float mean = 0;
  for (std::size_t i = 0; i < 66; ++i) mean += probabilities[i] * static_cast<float>(i);
  return 3 * mean - 99;
}

}  // namespace

void decode_pose(const HeadFrame& frame, const Anchor& anchor, float* pose) {
  // The networks' yaw is positive where the face turns to the image's left.
  pose[0] = -expected_degrees(frame.numbers(Kind::yaw, anchor));
  pose[1] = expected_degrees(frame.numbers(Kind::pitch, anchor));
  pose[2] = expected_degrees(frame.numbers(Kind::roll, anchor));
}

}  // namespace rostro
