#pragma once

#include <vector>

#include "kernels/kernels.hpp"
#include "rostro/camera.hpp"
#include "rostro/rotation.hpp"

namespace rostro {

/// A weighted object in the axes of its principal plane.
struct PlanarModel {
  Vector3 center;
  std::array<Vector3, 3> axes;  ///< right-handed, the third across the plane
  Vector3 squares;              ///< weighted sums of the squared coordinates along them
};

PlanarModel planar_model(const PosePoints& points);

/// The two poses in whose weak perspective the points' principal plane is seen as they are, and the
/// pixels of a metre there. `scale` is 0 where the points coincide.
struct PoseStarts {
  std::array<PoseGuess, 2> poses;
  double scale;
};

PoseStarts pose_starts(const PosePoints& points, const PlanarModel& model, const Camera& camera);

}  // namespace rostro
