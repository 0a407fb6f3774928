#pragma once

#include <array>
#include <cstddef>

#include "rostro/camera.hpp"
#include "rostro/pose_fit.hpp"
#include "rostro/rotation.hpp"

namespace rostro {

/// A box x1, y1, x2, y2 in pixels.
using Box = std::array<double, 4>;

/// A pose as a network sees it in a crop, in the camera of the whole image, and back (Albiero et
/// al., "img2pose", 2021, section 3, and their code): the crop's camera has its axis through the
/// middle of the box, floor(width / 2) and floor(height / 2) pixels from its corner, and width +
/// height for focal length. The depth is scaled by the ratio of the focal lengths, the translation
/// goes through the pixel that it is seen at, and the rotation is the nearest one to K_image^-1
/// K_crop R. The one undoes the other. Errors and covariances stay as they are. Throws
/// InvalidArgument for a box without area and for a camera as check_camera does.
Pose pose_of_crop(const Pose& in_crop, const Box& crop, const Camera& camera);
Pose pose_in_crop(const Pose& in_image, const Box& crop, const Camera& camera);

/// Where the points of an object are seen: `count` pixels x, y. Throws InvalidArgument for a point
/// that is not before the camera.
void project(const Vector3* points, std::size_t count, const Pose& pose, const Camera& camera,
             double* pixels);

/// The smallest box around them.
Box projected_box(const Vector3* points, std::size_t count, const Pose& pose, const Camera& camera);

}  // namespace rostro
