#include "rostro/rotation.hpp"

#include <algorithm>
#include <cmath>

#include "geometry/angles.hpp"
#include "geometry/eigen3.hpp"
#include "geometry/vectors.hpp"
#include "support/message.hpp"

namespace rostro {

namespace {

/// Below this cosine of the second factor the two others cannot be told apart.
constexpr double kPole = 1e-9;

/// The axis of yaw, pitch and roll in the camera frame, and which way round is positive for us.
constexpr int kAxes[3] = {1, 0, 2};
constexpr double kOurs[3] = {-1, -1, 1};

Vector3 scaled(const Vector3& v, double by) { return {v[0] * by, v[1] * by, v[2] * by}; }

/// The right-handed turn about an axis.
Matrix3 turn(int axis, double angle) {
  const auto i = static_cast<std::size_t>((axis + 1) % 3),
             j = static_cast<std::size_t>((axis + 2) % 3);
  const double c = std::cos(angle), s = std::sin(angle);
  Matrix3 result = kIdentity;
  result[3 * i + i] = result[3 * j + j] = c;
  result[3 * i + j] = -s;
  result[3 * j + i] = s;
  return result;
}

/// Of unit length; `otherwise` where it has no direction.
Vector3 unit(const Vector3& v, const Vector3& otherwise) {
  const double largest = std::max({std::abs(v[0]), std::abs(v[1]), std::abs(v[2])});
  if (!(largest > 0) || !std::isfinite(largest)) return otherwise;
  const Vector3 small = scaled(v, 1 / largest);
  return scaled(small, 1 / std::sqrt(dot(small, small)));
}

/// The unit axis that is the least parallel to `v`.
Vector3 across(const Vector3& v) {
  const double x = std::abs(v[0]), y = std::abs(v[1]), z = std::abs(v[2]);
  if (y <= x && y <= z) return {0, 1, 0};
  return x <= z ? Vector3{1, 0, 0} : Vector3{0, 0, 1};
}

/// With the first component that is not 0 positive.
Vector3 leading_positive(const Vector3& v) {
  for (const double x : v) {
    if (x != 0) return x < 0 ? scaled(v, -1) : v;
  }
  return v;
}

}  // namespace

Matrix3 multiply(const Matrix3& a, const Matrix3& b) {
  Matrix3 result;
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      result[3 * i + j] = a[3 * i] * b[j] + a[3 * i + 1] * b[3 + j] + a[3 * i + 2] * b[6 + j];
    }
  }
  return result;
}

Vector3 multiply(const Matrix3& a, const Vector3& v) {
  return {a[0] * v[0] + a[1] * v[1] + a[2] * v[2], a[3] * v[0] + a[4] * v[1] + a[5] * v[2],
          a[6] * v[0] + a[7] * v[1] + a[8] * v[2]};
}

Matrix3 transpose(const Matrix3& a) {
  return {a[0], a[3], a[6], a[1], a[4], a[7], a[2], a[5], a[8]};
}

Matrix3 rotation_of_angles(const Angles& angles, const EulerConvention& convention) {
  Matrix3 result = kIdentity;
  for (const int which : convention.order) {
    const auto w = static_cast<std::size_t>(which);
    const double sign = kOurs[w] * convention.signs[w];
    result = multiply(result, turn(kAxes[w], sign * radians(angles[w])));
  }
  return result;
}

// With axes i, j, k and e = 1 where they go round as x, y, z do, else -1:
// (Ti(a) Tj(b) Tk(c))[i][k] = e sin b, [j][k] = -e sin a cos b, [k][k] = cos a cos b,
// [i][j] = -e cos b sin c, [i][i] = cos b cos c; and with c = 0, [k][j] = e sin a, [j][j] = cos a.
Angles angles_of_rotation(const Matrix3& rotation, const EulerConvention& convention) {
  std::size_t which[3], axis[3];
  for (std::size_t n = 0; n < 3; ++n) {
    which[n] = static_cast<std::size_t>(convention.order[n]);
    axis[n] = static_cast<std::size_t>(kAxes[which[n]]);
  }
  const double e = axis[1] == (axis[0] + 1) % 3 ? 1 : -1;
  const auto r = [&](std::size_t row, std::size_t column) {
    return rotation[3 * axis[row] + axis[column]];
  };
  const double cosine = std::hypot(r(0, 0), r(0, 1));
  double turns[3] = {0, std::atan2(e * r(0, 2), cosine), 0};
  if (cosine > kPole) {
    turns[0] = std::atan2(-e * r(1, 2), r(2, 2));
    turns[2] = std::atan2(-e * r(0, 1), r(0, 0));
  } else {
    turns[0] = std::atan2(e * r(2, 1), r(1, 1));
  }
  Angles angles;
  for (std::size_t n = 0; n < 3; ++n) {
    const double sign = kOurs[which[n]] * convention.signs[which[n]];
    angles[which[n]] = degrees(sign * turns[n]) + 0.0;  // never -0
  }
  return angles;
}

Matrix3 rotation_of_vector(const Vector3& v) {
  const double angle = std::sqrt(dot(v, v));
  // sin(a) / a and (1 - cos(a)) / a^2, which cancel for small angles.
  const double half = angle < 1e-9 ? 0.5 : std::sin(angle / 2) / angle;
  const double a = angle < 1e-9 ? 1 : std::sin(angle) / angle, b = 2 * half * half;
  const auto [x, y, z] = v;
  const double c = 1 - b * angle * angle;
  return {c + b * x * x,     b * x * y - a * z, b * x * z + a * y,  //
          b * x * y + a * z, c + b * y * y,     b * y * z - a * x,  //
          b * x * z - a * y, b * y * z + a * x, c + b * z * z};
}

Vector3 vector_of_rotation(const Matrix3& rotation) {
  const auto [x, y, z, w] = quaternion_of_rotation(rotation);
  const double sine = std::sqrt(x * x + y * y + z * z);
  const double factor = sine < 1e-12 ? 2 : 2 * std::atan2(sine, w) / sine;
  return {factor * x, factor * y, factor * z};
}

Matrix3 rotation_of_quaternion(const std::array<double, 4>& quaternion) {
  double largest = 0;
  for (const double part : quaternion) {
    if (!std::isfinite(part)) throw wrong("quaternion", part, "finite numbers are wanted");
    largest = std::max(largest, std::abs(part));
  }
  if (largest == 0) throw wrong("quaternion", 0, "one of a length above 0 is wanted");
  const double x = quaternion[0] / largest, y = quaternion[1] / largest,
               z = quaternion[2] / largest, w = quaternion[3] / largest;
  const double s = 2 / (x * x + y * y + z * z + w * w);
  return {1 - s * (y * y + z * z), s * (x * y - z * w),     s * (x * z + y * w),
          s * (x * y + z * w),     1 - s * (x * x + z * z), s * (y * z - x * w),
          s * (x * z - y * w),     s * (y * z + x * w),     1 - s * (x * x + y * y)};
}

// From the largest of the four, which alone is far from 0 for certain.
std::array<double, 4> quaternion_of_rotation(const Matrix3& rotation) {
  const auto& m = rotation;
  const double squares[4] = {m[0] - m[4] - m[8], m[4] - m[0] - m[8], m[8] - m[0] - m[4],
                             m[0] + m[4] + m[8]};
  std::array<double, 4> q;
  switch (std::max_element(squares, squares + 4) - squares) {
    case 0:
      q = {1 + squares[0], m[1] + m[3], m[2] + m[6], m[7] - m[5]};
      break;
    case 1:
      q = {m[1] + m[3], 1 + squares[1], m[5] + m[7], m[2] - m[6]};
      break;
    case 2:
      q = {m[2] + m[6], m[5] + m[7], 1 + squares[2], m[3] - m[1]};
      break;
    default:
      q = {m[7] - m[5], m[2] - m[6], m[3] - m[1], 1 + squares[3]};
  }
  const double norm = std::sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3]);
  const Vector3 leading = leading_positive({q[0], q[1], q[2]});
  const bool turned = q[3] < 0 || (q[3] == 0 && leading != Vector3{q[0], q[1], q[2]});
  for (double& part : q) part = (turned ? -part : part) / norm + 0.0;
  return q;
}

Matrix3 rotation_of_6d(const std::array<double, 6>& columns) {
  const Vector3 x = unit({columns[0], columns[1], columns[2]}, {1, 0, 0});
  const Vector3 second = unit({columns[3], columns[4], columns[5]}, across(x));
  const double along = dot(x, second);
  Vector3 rest = {second[0] - along * x[0], second[1] - along * x[1], second[2] - along * x[2]};
  if (dot(rest, rest) < 1e-20) rest = cross(cross(x, across(x)), x);  // parallel
  const Vector3 y = unit(rest, {0, 1, 0});
  const Vector3 z = cross(x, y);
  return {x[0], y[0], z[0], x[1], y[1], z[1], x[2], y[2], z[2]};
}

std::array<double, 6> columns_of_rotation(const Matrix3& rotation) {
  return {rotation[0], rotation[3], rotation[6], rotation[1], rotation[4], rotation[7]};
}

// The two best singular vectors, each mapped and made orthonormal, decide; the third follows from
// there being no reflection. They are the eigenvectors of M^T M.
Matrix3 nearest_rotation(const Matrix3& matrix) {
  double largest = 0;
  for (const double number : matrix) {
    if (!std::isfinite(number)) throw wrong("matrix", number, "finite numbers are wanted");
    largest = std::max(largest, std::abs(number));
  }
  if (largest == 0) return kIdentity;
  Matrix3 m = matrix;
  for (double& number : m) number /= largest;
  const Eigen3 eigen = eigen_symmetric(multiply(transpose(m), m));
  const Vector3 v1 = eigen.vectors[0], v2 = eigen.vectors[1], v3 = cross(v1, v2);
  const Vector3 u1 = unit(multiply(m, v1), v1);
  Vector3 second = multiply(m, v2);
  const double along = dot(u1, second);
  second = {second[0] - along * u1[0], second[1] - along * u1[1], second[2] - along * u1[2]};
  if (dot(second, second) < 1e-30) second = cross(cross(u1, across(u1)), u1);  // rank 1
  const Vector3 u2 = unit(second, v2), u3 = cross(u1, u2);
  Matrix3 result;
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      result[3 * i + j] = u1[i] * v1[j] + u2[i] * v2[j] + u3[i] * v3[j];
    }
  }
  return result;
}

}  // namespace rostro
