#include <algorithm>
#include <cmath>
#include <vector>

#include "rostro/camera.hpp"
#include "rostro/landmarker.hpp"
#include "rostro/mean_faces.hpp"
#include "rostro/pose_fit.hpp"

namespace rostro {

namespace {

// Degrees of yaw. A detector's five points show those beyond 60 as 55 or more, mostly, and none
// below 45 so.
constexpr double kTrusted = 40, kLost = 70;

}  // namespace

void point_certainty(const Point* landmarks, std::size_t count, Size image, const float* presence,
                     float* certainty) {
  static const std::vector<Vector3> kFace = mean_face("five");
  thread_local std::vector<Pose> poses;
  poses.resize(count);
  const SeenPoints seen{reinterpret_cast<const float*>(landmarks), nullptr, count, kLandmarks, 2};
  fit_poses(seen, kFace, Camera::assumed(image), poses.data());
  for (std::size_t i = 0; i < count; ++i) {
    const double yaw = std::abs(angles_of_rotation(poses[i].rotation)[0]);
    const double share = std::clamp((kLost - yaw) / (kLost - kTrusted), 0.0, 1.0);
    certainty[i] = presence[i] * static_cast<float>(poses[i].error < kNoPose ? share : 1.0);
  }
}

}  // namespace rostro
