#include "detect/codecs.hpp"
#include "rostro/rotation.hpp"

namespace rostro {

namespace {

/// The mean of a distribution over 66 bins of 3 degrees from -99.
float expected_degrees(const Numbers& probabilities) {
  float mean = 0;
  for (std::size_t i = 0; i < 66; ++i) mean += probabilities[i] * static_cast<float>(i);
  return 3 * mean - 99;
}

void decode_bins(const HeadFrame& frame, const Anchor& anchor, float* pose) {
  // The networks' yaw is positive where the face turns to the image's left.
  pose[0] = -expected_degrees(frame.numbers(Kind::yaw, anchor));
  pose[1] = expected_degrees(frame.numbers(Kind::pitch, anchor));
  pose[2] = expected_degrees(frame.numbers(Kind::roll, anchor));
}

/// Parts of 180, 360 and 180 degrees around 0, turned in the order and with the signs of 300W-LP.
/// That order matters: of a head seen from behind their pitch is positive where it looks down.
void decode_parts(const HeadFrame& frame, const Anchor& anchor, float* pose) {
  const Numbers b = frame.numbers(Kind::boxes, anchor);
  const auto first = static_cast<std::size_t>(frame.head().outputs[0].columns) - 3;
  const Angles theirs = {360 * (b[first + 1] - 0.5), 180 * (b[first] - 0.5),
                         180 * (b[first + 2] - 0.5)};
  const Angles ours = angles_of_rotation(rotation_of_angles(theirs, k300wLpAngles));
  for (std::size_t i = 0; i < 3; ++i) pose[i] = static_cast<float>(ours[i]);
}

}  // namespace

void decode_pose(const HeadFrame& frame, const Anchor& anchor, float* pose) {
  if (frame.head().pose == PoseRule::bins) {
    decode_bins(frame, anchor, pose);
  } else {
    decode_parts(frame, anchor, pose);
  }
}

}  // namespace rostro
