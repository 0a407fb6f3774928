#include "rostro/pose_fit.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "kernels/rig.hpp"
#include "rostro/crop_pose.hpp"
#include "rostro/error.hpp"
#include "rostro/mean_faces.hpp"

using namespace rostro;

namespace {

const Camera kCamera{800, 820, 330, 250};

std::vector<float> seen(const std::vector<Vector3>& face, const Pose& pose) {
  std::vector<double> pixels(2 * face.size());
  project(face.data(), face.size(), pose, kCamera, pixels.data());
  return {pixels.begin(), pixels.end()};
}

}  // namespace

TEST_CASE("fit_poses: every level finds the pose that points were projected by") {
  rig::use_each_level([](std::mt19937& random) {
    std::uniform_real_distribution<double> unit(-1, 1);
    for (const char* scheme : {"five", "ibug68"}) {
      const std::vector<Vector3> face = mean_face(scheme);
      for (int n = 0; n < 100; ++n) {
        const Angles angles = {80 * unit(random), 50 * unit(random), 180 * unit(random)};
        Pose pose;
        pose.rotation = rotation_of_angles(angles);
        pose.translation = {0.1 * unit(random), 0.1 * unit(random), 1 + 0.5 * unit(random)};
        const std::vector<float> points = seen(face, pose);
        Pose found;
        fit_poses({points.data(), nullptr, 1, face.size(), 2}, face, kCamera, &found);
        const Angles have = angles_of_rotation(found.rotation);
        for (std::size_t k = 0; k < 3; ++k) {
          CHECK(std::abs(std::remainder(have[k] - angles[k], 360)) < 0.05);
          CHECK(found.translation[k] == doctest::Approx(pose.translation[k]).epsilon(1e-3));
        }
      }
    }
  });
}

TEST_CASE("fit_poses: one wrong point of five is told by the error, and does not lead far away") {
  const std::vector<Vector3> face = mean_face("five");
  Pose pose;
  pose.rotation = rotation_of_angles({20, 5, 0});
  pose.translation = {0, 0, 0.5};
  std::vector<float> points = seen(face, pose);
  points[6] += 40;  // the mouth's corner
  Pose found;
  fit_poses({points.data(), nullptr, 1, 5, 2}, face, kCamera, &found);
  const Angles angles = angles_of_rotation(found.rotation);
  CHECK(std::abs(angles[0] - 20) < 5);
  CHECK(std::abs(angles[1] - 5) < 5);
  CHECK(found.error > 10);
}

TEST_CASE("fit_poses: points that coincide have no pose, others that are none are refused") {
  const std::vector<Vector3> face = mean_face("five");
  std::vector<float> points(10, 3.0f);
  Pose found;
  fit_poses({points.data(), nullptr, 1, 5, 2}, face, kCamera, &found);
  CHECK(found.error == kNoPose);
  CHECK(found.rotation == kIdentity);
  points[3] = std::numeric_limits<float>::quiet_NaN();
  CHECK_THROWS_WITH_AS(fit_poses({points.data(), nullptr, 1, 5, 2}, face, kCamera, &found),
                       doctest::Contains("points[0]"), InvalidArgument);
  CHECK_THROWS_WITH_AS(
      fit_poses({points.data(), nullptr, 1, 5, 2}, {{0, 0, 0}, {1, 1, 1}}, kCamera, &found),
      doctest::Contains("four points at least"), InvalidArgument);
  CHECK_THROWS_WITH_AS(
      fit_poses({points.data(), nullptr, 1, 5, 2}, face, {0, 800, 320, 240}, &found),
      doctest::Contains("fx: got 0"), InvalidArgument);
}
