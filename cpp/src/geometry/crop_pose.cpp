#include "rostro/crop_pose.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/kernels.hpp"
#include "support/message.hpp"

namespace rostro {

namespace {

/// The camera of a crop, its axis given in pixels of the image; its depths are those of the image
/// times `depths`.
struct CropCamera {
  Camera camera;
  double depths;
};

CropCamera crop_camera(const Box& crop, const Camera& camera) {
  check_camera(camera);
  const double width = crop[2] - crop[0], height = crop[3] - crop[1];
  if (!(width > 0 && height > 0) || !std::isfinite(width + height)) {
    throw wrong("crop", text(width) + "x" + text(height), "a box of an area above 0 is wanted");
  }
  Camera centered = camera;
  centered.cx = crop[0] + std::floor(width / 2);
  centered.cy = crop[1] + std::floor(height / 2);
  return {centered, (width + height) / camera.fx};
}

/// What `from` sees as if `to` saw it: K_to^-1 K_from, for cameras of the same focal lengths.
Matrix3 between(const Camera& from, const Camera& to) {
  return {1, 0, (from.cx - to.cx) / to.fx, 0, 1, (from.cy - to.cy) / to.fy, 0, 0, 1};
}

}  // namespace

Pose pose_of_crop(const Pose& in_crop, const Box& crop, const Camera& camera) {
  const auto [centered, depths] = crop_camera(crop, camera);
  const Matrix3 shear = between(centered, camera);
  const Vector3& t = in_crop.translation;
  Pose pose = in_crop;
  pose.translation = multiply(shear, Vector3{t[0], t[1], t[2] / depths});
  pose.rotation = nearest_rotation(multiply(shear, in_crop.rotation));
  return pose;
}

Pose pose_in_crop(const Pose& in_image, const Box& crop, const Camera& camera) {
  const auto [centered, depths] = crop_camera(crop, camera);
  const Matrix3 shear = between(camera, centered);
  Pose pose = in_image;
  pose.translation = multiply(shear, in_image.translation);
  pose.translation[2] *= depths;
  pose.rotation = nearest_rotation(multiply(shear, in_image.rotation));
  return pose;
}

void project(const Vector3* points, std::size_t count, const Pose& pose, const Camera& camera,
             double* pixels) {
  check_camera(camera);
  for (std::size_t i = 0; i < count; ++i) {
    const Vector3 turned = multiply(pose.rotation, points[i]);
    const double depth = turned[2] + pose.translation[2];
    if (!(depth >= kLeastDepth)) {
      throw wrong(entry("points", i), text(depth) + " m before the camera",
                  "1 mm at least is wanted: what lies behind a camera is not seen");
    }
    pixels[2 * i] = camera.fx * (turned[0] + pose.translation[0]) / depth + camera.cx;
    pixels[2 * i + 1] = camera.fy * (turned[1] + pose.translation[1]) / depth + camera.cy;
  }
}

Box projected_box(const Vector3* points, std::size_t count, const Pose& pose,
                  const Camera& camera) {
  if (count == 0) throw wrong("points", count, "at least one is wanted");
  std::vector<double> pixels(2 * count);
  project(points, count, pose, camera, pixels.data());
  Box box = {pixels[0], pixels[1], pixels[0], pixels[1]};
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t side = 0; side < 2; ++side) {
      box[side] = std::min(box[side], pixels[2 * i + side]);
      box[side + 2] = std::max(box[side + 2], pixels[2 * i + side]);
    }
  }
  return box;
}

}  // namespace rostro
