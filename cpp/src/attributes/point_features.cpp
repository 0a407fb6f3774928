#include <cmath>

#include "rostro/quality_network.hpp"
#include "support/finite.hpp"
#include "support/message.hpp"

namespace rostro {

namespace {

/// Coordinates in it are the dot products of (x, y) less its origin with its axes.
struct Frame {
  float origin[2];
  float right[2];
  float down[2];
  float unit;  ///< in pixels
};

Frame eyes_frame(const Point* landmarks, std::size_t face) {
  const Point left = landmarks[0], right = landmarks[1];
  const float x = right.x - left.x, y = right.y - left.y;
  const float squares = x * x + y * y;
  // Nearer than the rounding of coordinates in large photos, they say nothing of a direction.
  if (!(squares > 1e-6f) || !std::isfinite(squares)) {
    throw wrong(entry("landmarks", face), std::string_view("eyes in one place, or not finite"),
                "eyes apart are wanted, by which the points are told");
  }
  return {{(left.x + right.x) / 2, (left.y + right.y) / 2},
          {x / squares, y / squares},
          {-y / squares, x / squares},
          std::sqrt(squares)};
}

Frame box_frame(const float* box, std::size_t face) {
  const float width = box[2] - box[0], height = box[3] - box[1];
  if (!(width > 0) || !(height > 0) || !all_finite(box, 4)) {
    throw wrong(entry("boxes", face), std::string_view("an empty box, or not finite"),
                "one with an area is wanted, by which the points are told");
  }
  return {{box[0], box[1]}, {1 / width, 0}, {0, 1 / height}, width};
}

}  // namespace

void point_features(PointFrame frame, const float* numbers, std::size_t count, std::size_t points,
                    std::size_t sides, const Point* landmarks, const float* boxes, bool unit,
                    float* features) {
  for (std::size_t i = 0; i < count; ++i) {
    const float* of_face = numbers + i * points * sides;
    if (!all_finite(of_face, points * sides)) {
      throw wrong(entry("points", i), std::string_view("numbers that are not finite"),
                  "finite ones are wanted");
    }
    const Frame at = frame == PointFrame::eyes ? eyes_frame(landmarks + kLandmarks * i, i)
                                               : box_frame(boxes + 4 * i, i);
    for (std::size_t p = 0; p < points; ++p) {
      const float x = of_face[p * sides] - at.origin[0], y = of_face[p * sides + 1] - at.origin[1];
      features[0] = x * at.right[0] + y * at.right[1];
      features[1] = x * at.down[0] + y * at.down[1];
      features += 2;
    }
    if (unit) *features++ = at.unit;
  }
}

}  // namespace rostro
