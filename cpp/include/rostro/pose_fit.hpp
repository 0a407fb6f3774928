#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "rostro/camera.hpp"
#include "rostro/rotation.hpp"

namespace rostro {

/// Where an object stands: its point X is at rotation X + translation in the camera's frame.
struct Pose {
  Matrix3 rotation = kIdentity;
  Vector3 translation = {};  ///< metres
  /// Root of the mean squared distance in pixels between the points and where the pose puts them;
  /// kNoPose where they say nothing of a pose.
  double error = 0;
  /// Of a small turn about the camera's axes x, y, z in radians, and of the translation's x, y, z
  /// in metres, as the points' own scatter about the pose has it.
  std::array<double, 36> covariance = {};
};

/// The error of a face whose points all coincide, or are so far away that nothing can be computed.
/// Its rotation is the identity, 1 m ahead.
inline constexpr double kNoPose = 1e6;

/// Points of one object seen in an image.
struct SeenPoints {
  const float* points = nullptr;   ///< faces x count x sides, in pixels
  const float* weights = nullptr;  ///< faces x count, 0 or more; null: 1 each
  std::size_t faces = 0;
  std::size_t count = 0;
  std::size_t sides = 2;  ///< numbers a point, of which the first two are used
};

/// The poses of objects whose `model` points, in metres, are seen at these pixels by the camera,
/// with the least sum of squared distances, but that a point further off than 6 % of the object's
/// radius (root mean square, as long as it appears in the image) counts no more than linearly
/// (Huber): one wrong point does not carry the others away.
///
/// Starts are the two weak perspective solutions of the points' principal plane (Oberkampf,
/// DeMenthon and Davis, "Iterative pose estimation using coplanar feature points", 1996), from each
/// of which Levenberg and Marquardt's method goes down; the better end is kept, so that flat and
/// nearly flat objects do not flip. Where points are far off at the end and few, starts without one
/// of them are tried as well.
///
/// The covariance is as wide as the scatter of few points is uncertain: with v = 2 count - 6
/// degrees of freedom it is (v + 2) / (v - 2) times the normal one (10 times with four points), so
/// that the ellipsoid that holds 95 % of a normal distribution of this covariance holds 95 % of the
/// poses, whose distances follow the F distribution of 6 and v.
///
/// Throws InvalidArgument, which names the face, for points that are not finite, for weights that
/// are negative or leave fewer than four points, and for a model of fewer than four points, or of
/// points on one line.
void fit_poses(const SeenPoints& seen, const std::vector<Vector3>& model, const Camera& camera,
               Pose* poses);

}  // namespace rostro
