#pragma once

#include <cstdint>
#include <vector>

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

/// Detected faces, best first. Angles: yaw is positive where the face turns to the image's right,
/// pitch up, roll clockwise in the image.
struct Detections {
  std::vector<float> boxes;      ///< 4 a face: x1, y1, x2, y2
  std::vector<float> scores;     ///< 1 a face, in 0..1
  std::vector<float> landmarks;  ///< 10 a face: x, y of five points; empty when the head has none
  std::vector<float> poses;      ///< 3 a face: yaw, pitch, roll in degrees; empty when it has none

  std::size_t size() const { return scores.size(); }
};

}  // namespace rostro
