#include <algorithm>
#include <cmath>

#include "rostro/faces.hpp"

namespace rostro {

namespace {

Point moved(const Affine& transform, float x, float y) {
  const float* m = transform.m;
  return {m[0] * x + m[1] * y + m[2], m[3] * x + m[4] * y + m[5]};
}

}  // namespace

void map_boxes(const Affine& transform, std::size_t count, float* boxes) {
  for (float* box = boxes; box != boxes + 4 * count; box += 4) {
    const Point corners[] = {moved(transform, box[0], box[1]), moved(transform, box[2], box[3]),
                             moved(transform, box[0], box[3]), moved(transform, box[2], box[1])};
    const float* m = transform.m;
    if (m[1] == 0 && m[3] == 0 && m[0] > 0 && m[4] > 0) {
      // Not by minimum and maximum: a box whose sides are in the wrong order stays such a one.
      box[0] = corners[0].x;
      box[1] = corners[0].y;
      box[2] = corners[1].x;
      box[3] = corners[1].y;
      continue;
    }
    const auto [left, right] =
        std::minmax({corners[0].x, corners[1].x, corners[2].x, corners[3].x});
    const auto [top, bottom] =
        std::minmax({corners[0].y, corners[1].y, corners[2].y, corners[3].y});
    box[0] = left;
    box[1] = top;
    box[2] = right;
    box[3] = bottom;
  }
}

void map_points(const Affine& transform, std::size_t count, std::size_t sides, float* points) {
  const float* m = transform.m;
  const float scale = std::sqrt(std::abs(m[0] * m[4] - m[1] * m[3]));
  for (float* point = points; point != points + sides * count; point += sides) {
    const Point to = moved(transform, point[0], point[1]);
    point[0] = to.x;
    point[1] = to.y;
    if (sides > 2) point[2] *= scale;
  }
}

}  // namespace rostro
