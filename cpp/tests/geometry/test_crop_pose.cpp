#include "rostro/crop_pose.hpp"

#include <doctest/doctest.h>

#include "rostro/error.hpp"

using namespace rostro;

namespace {

const Camera kCamera{800, 820, 330, 250};

Pose some_pose() {
  Pose pose;
  pose.rotation = rotation_of_angles({30, -20, 100});
  pose.translation = {0.1, -0.2, 1.5};
  return pose;
}

}  // namespace

TEST_CASE("crop pose: into a crop and back is where it was") {
  const Box crop = {100, 50, 221, 180};
  const Pose pose = some_pose();
  const Pose again = pose_of_crop(pose_in_crop(pose, crop, kCamera), crop, kCamera);
  for (std::size_t i = 0; i < 9; ++i) {
    CHECK(again.rotation[i] == doctest::Approx(pose.rotation[i]).epsilon(1e-9));
  }
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(again.translation[i] == doctest::Approx(pose.translation[i]).epsilon(1e-9));
  }
}

TEST_CASE("crop pose: what is in the middle of a crop is straight ahead in it") {
  Pose pose;
  pose.translation = {0.5, 0, 2};  // seen at 530, 250
  const Pose inside = pose_in_crop(pose, {480, 200, 580, 300}, kCamera);
  CHECK(inside.translation[0] == doctest::Approx(0).epsilon(1e-9));
  CHECK(inside.translation[2] == doctest::Approx(2 * 200.0 / 800));
  CHECK_THROWS_WITH_AS(pose_in_crop(pose, {5, 5, 5, 9}, kCamera),
                       doctest::Contains("crop: got 0x4"), InvalidArgument);
}

TEST_CASE("crop pose: boxes are around what is projected, before the camera alone") {
  const Vector3 points[] = {{-0.1, -0.1, 0}, {0.1, 0.2, 0}};
  Pose pose;
  pose.translation = {0, 0, 1};
  const Box box = projected_box(points, 2, pose, kCamera);
  CHECK(box[0] == doctest::Approx(250));
  CHECK(box[3] == doctest::Approx(414));
  pose.translation = {0, 0, -1};
  CHECK_THROWS_WITH_AS(projected_box(points, 2, pose, kCamera),
                       doctest::Contains("behind a camera"), InvalidArgument);
}
