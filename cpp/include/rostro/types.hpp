#pragma once

namespace rostro {

/// Width and height in pixels.
struct Size {
  int width = 0;
  int height = 0;
};

/// A point in pixels: origin at the top-left corner, pixel centres at integer coordinates.
struct Point {
  float x = 0;
  float y = 0;
};

/// A 2x3 affine transform, row by row: x' = m[0] x + m[1] y + m[2], y' = m[3] x + m[4] y + m[5].
struct Affine {
  float m[6] = {1, 0, 0, 0, 1, 0};
};

/// Number of landmarks of a face: image-left eye, image-right eye, nose, image-left and image-right
/// mouth corner, in this order everywhere.
inline constexpr int kLandmarks = 5;

}  // namespace rostro
