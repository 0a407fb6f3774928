#include <algorithm>
#include <cmath>

#include "rostro/crop_rule.hpp"
#include "support/precision.hpp"

namespace rostro {

namespace {

/// How a side that spans `low` to `low + length` comes to lie within 0 and `limit`.
double moved(double low, double length, double limit) {
  return std::clamp(low, 0.0, std::max(0.0, limit - length)) - low;
}

}  // namespace

void keep_inside(const CropRule& rule, Size image, std::vector<Affine>& transforms) {
  const double columns = rule.size.width, rows = rule.size.height;
  for (Affine& transform : transforms) {
    double m[6];
    for (std::size_t i = 0; i < 6; ++i) m[i] = d(transform.m[i]);
    // The centre of the region, and the sides of the level box around it, edges to edges.
    const double x = m[0] * (columns - 1) / 2 + m[1] * (rows - 1) / 2 + m[2] + 0.5;
    const double y = m[3] * (columns - 1) / 2 + m[4] * (rows - 1) / 2 + m[5] + 0.5;
    double width = std::fabs(m[0]) * columns + std::fabs(m[1]) * rows;
    double height = std::fabs(m[3]) * columns + std::fabs(m[4]) * rows;
    const double less = std::min({1.0, image.width / width, image.height / height});
    width *= less;
    height *= less;
    for (double* factor : {m, m + 1, m + 3, m + 4}) *factor *= less;
    const double to_x = x + moved(x - width / 2, width, image.width) - 0.5;
    const double to_y = y + moved(y - height / 2, height, image.height) - 0.5;
    m[2] = to_x - m[0] * (columns - 1) / 2 - m[1] * (rows - 1) / 2;
    m[5] = to_y - m[3] * (columns - 1) / 2 - m[4] * (rows - 1) / 2;
    transform = {{f(m[0]), f(m[1]), f(m[2]), f(m[3]), f(m[4]), f(m[5])}};
  }
}

std::vector<Affine> crop_faces(const ImageView& image, const Faces& faces, std::size_t begin,
                               std::size_t count, const CropRule& rule, float* tensor) {
  std::vector<Affine> transforms;
  crop_faces(image, faces, begin, count, rule, tensor, transforms);
  return transforms;
}

void crop_faces(const ImageView& image, const Faces& faces, std::size_t begin, std::size_t count,
                const CropRule& rule, float* tensor, std::vector<Affine>& transforms) {
  crop_transforms(rule, faces, begin, count, transforms);
  if (rule.inside) keep_inside(rule, image.size, transforms);
  crop_f32(image, transforms, rule, tensor);
}

}  // namespace rostro
