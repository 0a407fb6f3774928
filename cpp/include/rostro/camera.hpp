#pragma once

#include "rostro/types.hpp"

namespace rostro {

/// A pinhole camera: a point (x, y, z) of its frame, x to the right, y down, z forward, is seen at
/// the pixel (fx x / z + cx, fy y / z + cy). Lens distortion is not modelled: points of a wide lens
/// are to be undistorted before.
struct Camera {
  double fx = 0;  ///< focal lengths in pixels
  double fy = 0;
  double cx = 0;  ///< the pixel on the optical axis
  double cy = 0;

  /// The camera of an image of which nothing else is known: the axis through the middle, square
  /// pixels, and `hfov` degrees from its left to its right edge. Angles hardly depend on it,
  /// distances are as wrong as its focal length. Throws InvalidArgument for a size or an angle that
  /// no image has.
  static Camera assumed(Size size, double hfov = 60);
};

/// Throws InvalidArgument, which names the number, for focal lengths that are not above 0 and
/// numbers that are not finite.
void check_camera(const Camera& camera);

}  // namespace rostro
