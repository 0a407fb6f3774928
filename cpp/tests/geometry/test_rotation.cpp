#include "rostro/rotation.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>

#include "rostro/error.hpp"

using namespace rostro;

namespace {

constexpr double kPi = 3.14159265358979323846;

double largest_difference(const Matrix3& a, const Matrix3& b) {
  double largest = 0;
  for (std::size_t i = 0; i < 9; ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

bool proper(const Matrix3& m) {
  const double determinant = m[0] * (m[4] * m[8] - m[5] * m[7]) -
                             m[1] * (m[3] * m[8] - m[5] * m[6]) +
                             m[2] * (m[3] * m[7] - m[4] * m[6]);
  return largest_difference(multiply(m, transpose(m)), kIdentity) < 1e-12 && determinant > 0;
}

Matrix3 any_rotation(std::mt19937& random) {
  std::normal_distribution<double> normal;
  return rotation_of_quaternion({normal(random), normal(random), normal(random), normal(random)});
}

}  // namespace

TEST_CASE("rotation: our angles say where the face looks, and how it is turned in the image") {
  // The face looks along -z of its own frame; x of the camera is to the right, y down.
  const Vector3 ahead = {0, 0, -1}, up = {0, -1, 0};
  CHECK(multiply(rotation_of_angles({30, 0, 0}), ahead)[0] == doctest::Approx(0.5));
  CHECK(multiply(rotation_of_angles({0, 30, 0}), ahead)[1] == doctest::Approx(-0.5));
  CHECK(multiply(rotation_of_angles({0, 0, 30}), up)[0] == doctest::Approx(0.5));
  const Vector3 looks = multiply(rotation_of_angles({40, 20, 130}), ahead);
  CHECK(std::atan2(looks[0], -looks[2]) * 180 / kPi == doctest::Approx(40));
  CHECK(-std::asin(looks[1]) * 180 / kPi == doctest::Approx(20));
}

TEST_CASE("rotation: 300W-LP's yaw is positive to the image's left, and the order is another") {
  const Vector3 ahead = {0, 0, -1};
  CHECK(multiply(rotation_of_angles({30, 0, 0}, k300wLpAngles), ahead)[0] == doctest::Approx(-0.5));
  CHECK(multiply(rotation_of_angles({0, 30, 0}, k300wLpAngles), ahead)[1] == doctest::Approx(-0.5));
  // Rx(-pitch) Ry(yaw) Rz(roll)
  const auto pitch = rotation_of_vector({-0.3, 0, 0}), yaw = rotation_of_vector({0, 0.5, 0}),
             roll = rotation_of_vector({0, 0, 0.2});
  const double to_degrees = 180 / kPi;
  const Matrix3 wanted = multiply(multiply(pitch, yaw), roll);
  const Matrix3 found =
      rotation_of_angles({0.5 * to_degrees, 0.3 * to_degrees, 0.2 * to_degrees}, k300wLpAngles);
  CHECK(largest_difference(wanted, found) < 1e-15);
}

TEST_CASE("rotation: angles in every order and sign go there and back") {
  std::mt19937 random(3);
  const std::array<int, 3> orders[] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                       {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
  for (const auto& order : orders) {
    for (int n = 0; n < 200; ++n) {
      EulerConvention convention{order, {n & 1 ? 1 : -1, n & 2 ? 1 : -1, n & 4 ? 1 : -1}};
      const Matrix3 rotation = any_rotation(random);
      const Angles angles = angles_of_rotation(rotation, convention);
      CHECK(std::abs(angles[static_cast<std::size_t>(order[1])]) <= 90);
      CHECK(largest_difference(rotation_of_angles(angles, convention), rotation) < 1e-12);
    }
    for (const double pole : {90.0, -90.0}) {
      const EulerConvention convention{order, {1, 1, 1}};
      Angles angles = {25, 25, 25};
      angles[static_cast<std::size_t>(order[1])] = pole;
      const Matrix3 rotation = rotation_of_angles(angles, convention);
      const Angles found = angles_of_rotation(rotation, convention);
      CHECK(found[static_cast<std::size_t>(order[1])] == doctest::Approx(pole));
      CHECK(found[static_cast<std::size_t>(order[2])] == 0);
      CHECK(largest_difference(rotation_of_angles(found, convention), rotation) < 1e-9);
    }
  }
}

TEST_CASE("rotation: vectors, quaternions and 6-D columns go there and back") {
  std::mt19937 random(4);
  for (int n = 0; n < 500; ++n) {
    const Matrix3 rotation = any_rotation(random);
    CHECK(proper(rotation));
    CHECK(largest_difference(rotation_of_vector(vector_of_rotation(rotation)), rotation) < 1e-12);
    const auto quaternion = quaternion_of_rotation(rotation);
    CHECK(quaternion[3] >= 0);
    CHECK(largest_difference(rotation_of_quaternion(quaternion), rotation) < 1e-12);
    CHECK(largest_difference(rotation_of_6d(columns_of_rotation(rotation)), rotation) < 1e-12);
  }
}

TEST_CASE("rotation: by nothing, by little and by half a turn") {
  CHECK(vector_of_rotation(kIdentity) == Vector3{0, 0, 0});
  CHECK(rotation_of_vector({0, 0, 0}) == kIdentity);
  for (const double angle : {1e-12, 1e-7, 1e-3, 3.0, kPi - 1e-9, kPi}) {
    const Vector3 vector = {0.6 * angle, -0.48 * angle, 0.64 * angle};
    const Vector3 found = vector_of_rotation(rotation_of_vector(vector));
    const double sign = found[0] < 0 ? -1 : 1;
    for (std::size_t k = 0; k < 3; ++k) {
      CHECK(sign * found[k] == doctest::Approx(vector[k]).epsilon(1e-7));
    }
  }
  const auto turned = quaternion_of_rotation({-1, 0, 0, 0, -1, 0, 0, 0, 1});
  CHECK(turned == std::array<double, 4>{0, 0, 1, 0});
}

TEST_CASE("rotation: 6-D columns that say nothing still give a rotation") {
  const double inf = std::numeric_limits<double>::infinity();
  const std::array<double, 6> strange[] = {
      {0, 0, 0, 0, 0, 0},           {1, 2, 3, 2, 4, 6},   {0, 0, 0, 0, 1, 0},
      {1, 0, 0, 0, 0, 0},           {inf, 0, 0, 0, 1, 0}, {1e300, 1e300, 0, 0, 1e-300, 1},
      {0, 1, 0, 0, std::nan(""), 0}};
  for (const auto& columns : strange) CHECK(proper(rotation_of_6d(columns)));
}

TEST_CASE("rotation: the nearest one to a matrix is no farther than others, and no reflection") {
  std::mt19937 random(5);
  std::normal_distribution<double> normal;
  const auto distance = [](const Matrix3& a, const Matrix3& b) {
    double sum = 0;
    for (std::size_t i = 0; i < 9; ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sum;
  };
  for (int n = 0; n < 200; ++n) {
    Matrix3 matrix;
    for (double& number : matrix) number = normal(random);
    if (n % 3 == 0) std::copy(matrix.begin(), matrix.begin() + 3, matrix.begin() + 3);  // rank 2
    const Matrix3 nearest = nearest_rotation(matrix);
    CHECK(proper(nearest));
    for (int other = 0; other < 50; ++other) {
      const Vector3 turn = {0.1 * normal(random), 0.1 * normal(random), 0.1 * normal(random)};
      const Matrix3 near = multiply(rotation_of_vector(turn), nearest);
      CHECK(distance(matrix, nearest) <= distance(matrix, near) + 1e-12);
    }
  }
  CHECK(nearest_rotation({}) == kIdentity);
  CHECK(proper(nearest_rotation({1, 2, 3, 2, 4, 6, 3, 6, 9})));
  CHECK_THROWS_WITH_AS(nearest_rotation({std::nan("")}), doctest::Contains("matrix: got nan"),
                       InvalidArgument);
  CHECK_THROWS_AS(rotation_of_quaternion({0, 0, 0, 0}), InvalidArgument);
}
