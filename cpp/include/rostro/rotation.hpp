#pragma once

#include <array>

namespace rostro {

/// A 3x3 matrix, row by row.
using Matrix3 = std::array<double, 9>;

/// A vector of three numbers.
using Vector3 = std::array<double, 3>;

inline constexpr Matrix3 kIdentity = {1, 0, 0, 0, 1, 0, 0, 0, 1};

Matrix3 multiply(const Matrix3& a, const Matrix3& b);
Vector3 multiply(const Matrix3& a, const Vector3& v);
Matrix3 transpose(const Matrix3& a);

/// Yaw, pitch and roll in degrees, in this order everywhere; what they mean says a convention.
using Angles = std::array<double, 3>;

/// What three angles mean: turns about the axes of the camera frame (x right, y down, z forward),
/// multiplied in an order. A face with the identity looks straight into the camera.
struct EulerConvention {
  /// The factors from left to right: 0 yaw, 1 pitch, 2 roll. The first turns about the camera's
  /// axis, the last about the face's own.
  std::array<int, 3> order = {0, 1, 2};
  /// 1 where the angle is positive as ours is: yaw to the image's right, pitch up, roll clockwise
  /// in the image; -1 the other way.
  std::array<int, 3> signs = {1, 1, 1};
};

/// Ours: R = Ry(-yaw) Rx(-pitch) Rz(roll), with Rx, Ry, Rz the right-handed turns about the
/// camera's axes. Yaw and pitch so are where the face looks: its direction R (0, 0, -1) is (sin yaw
/// cos pitch, -sin pitch, -cos yaw cos pitch), whatever the roll. Yaw and roll lie in
/// [-180, 180], pitch in [-90, 90].
inline constexpr EulerConvention kOurAngles = {};

/// Of 300W-LP and AFLW2000 (`Pose_Para`, in degrees) and the networks that are trained with them:
/// R = Rx(-pitch) Ry(yaw) Rz(roll) in our frame, yaw positive to the image's left. Yaw lies in
/// [-90, 90], pitch and roll in [-180, 180].
inline constexpr EulerConvention k300wLpAngles = {{1, 0, 2}, {-1, 1, 1}};

/// The rotation of angles, and back. At a pole of the convention, where the second factor is at
/// +-90 degrees, only the sum or difference of the others counts: the last factor is then 0.
Matrix3 rotation_of_angles(const Angles& angles, const EulerConvention& convention = kOurAngles);
Angles angles_of_rotation(const Matrix3& rotation, const EulerConvention& convention = kOurAngles);

/// The rotation by |v| radians about v, and back: |v| in [0, pi]. At pi, where v and -v are the
/// same rotation, the first component that is not 0 is positive.
Matrix3 rotation_of_vector(const Vector3& v);
Vector3 vector_of_rotation(const Matrix3& rotation);

/// The rotation of a quaternion x, y, z, w of any length but 0 (SciPy's and ROS's order), and back:
/// of unit length with w >= 0; where w is 0 the first component that is not 0 is positive. Throws
/// InvalidArgument for one of length 0 or not finite.
Matrix3 rotation_of_quaternion(const std::array<double, 4>& quaternion);
std::array<double, 4> quaternion_of_rotation(const Matrix3& rotation);

/// The rotation of six numbers, and back: its first two columns, which Gram-Schmidt makes
/// orthonormal (Zhou et al., "On the continuity of rotation representations in neural networks",
/// 2019, eq. 14). Columns of length 0, parallel or not finite say nothing: the nearest that can be
/// said is given, the identity in the end.
Matrix3 rotation_of_6d(const std::array<double, 6>& columns);
std::array<double, 6> columns_of_rotation(const Matrix3& rotation);

/// The rotation with the least squared distance to a matrix: U diag(1, 1, det U V^T) V^T of its
/// singular values. Where two rotations are as near, one of them. Throws InvalidArgument for
/// numbers that are not finite.
Matrix3 nearest_rotation(const Matrix3& matrix);

}  // namespace rostro
