#include <algorithm>
#include <cmath>
#include <vector>

#include "landmarks/codecs.hpp"
#include "rostro/error.hpp"
#include "rostro/match.hpp"
#include "support/finite.hpp"
#include "support/message.hpp"

namespace rostro {

namespace {

/// Pixels around the best one that its soft-argmax takes in.
constexpr std::size_t kRadius = 2;

/// Features of `pixels` pixels, one pixel's after the other's.
std::vector<float> by_pixel(const float* maps, std::size_t dim, std::size_t pixels) {
  std::vector<float> features(pixels * dim);
  for (std::size_t d = 0; d < dim; ++d) {
    for (std::size_t p = 0; p < pixels; ++p) features[p * dim + d] = maps[d * pixels + p];
  }
  return features;
}

std::vector<std::int64_t> best_pixels(const std::vector<float>& features,
                                      const std::vector<float>& descriptors, std::size_t dim) {
  const std::size_t pixels = features.size() / dim, points = descriptors.size() / dim;
  std::vector<std::int8_t> of_pixels(features.size()), of_points(descriptors.size());
  std::vector<float> pixel_scales(pixels), point_scales(points);
  quantize_embeddings(features.data(), pixels, dim, of_pixels.data(), pixel_scales.data());
  quantize_embeddings(descriptors.data(), points, dim, of_points.data(), point_scales.data());
  return search_int8({of_pixels.data(), pixel_scales.data(), pixels, dim},
                     {of_points.data(), point_scales.data(), points, dim}, 1)
      .indices;
}

}  // namespace

void decode_descriptors(const PointsOfFace& face, const float* maps, std::size_t rows,
                        std::size_t columns) {
  const LandmarkerSettings& settings = face.settings;
  const std::size_t dim = settings.descriptors.size() / face.count;
  if (!all_finite(maps, dim * rows * columns)) {
    throw NetworkError(settings.name + ": gave features that are not finite");
  }
  const std::vector<float> features = by_pixel(maps, dim, rows * columns);
  const std::vector<std::int64_t> best = best_pixels(features, settings.descriptors, dim);
  const double across = settings.crop.size.width / static_cast<double>(columns);
  const double along = settings.crop.size.height / static_cast<double>(rows);
  std::vector<double> alike;
  for (std::size_t i = 0; i < face.count; ++i) {
    const auto pixel = static_cast<std::size_t>(best[i]);
    const std::size_t x = pixel % columns, y = pixel / columns;
    const std::size_t left = x - std::min(x, kRadius), right = std::min(columns, x + kRadius + 1);
    const std::size_t top = y - std::min(y, kRadius), bottom = std::min(rows, y + kRadius + 1);
    const float* wanted = settings.descriptors.data() + i * dim;
    alike.clear();
    for (std::size_t row = top; row < bottom; ++row) {
      for (std::size_t column = left; column < right; ++column) {
        const float* feature = features.data() + (row * columns + column) * dim;
        double product = 0;
        for (std::size_t d = 0; d < dim; ++d) {
          product += static_cast<double>(feature[d]) * static_cast<double>(wanted[d]);
        }
        alike.push_back(static_cast<double>(settings.beta) * product);
      }
    }
    const double most = *std::max_element(alike.begin(), alike.end());
    double sum = 0, sum_x = 0, sum_y = 0;
    for (std::size_t k = 0; k < alike.size(); ++k) {
      const double weight = std::exp(alike[k] - most);
      sum += weight;
      const std::size_t row = k / (right - left);
      sum_x += weight * static_cast<double>(left + k % (right - left));
      sum_y += weight * static_cast<double>(top + row);
    }
    face.out[i * face.sides] = static_cast<float>((sum_x / sum + 0.5) * across - 0.5);
    face.out[i * face.sides + 1] = static_cast<float>((sum_y / sum + 0.5) * along - 0.5);
  }
}

void describe_points(const OutputView& maps, Size crop, const Affine& to_image, const Point* points,
                     std::size_t count, float* descriptors) {
  const Affine to_crop = inverse(to_image);
  const std::size_t dim = maps.planes, pixels = maps.rows * maps.columns;
  const double across = static_cast<double>(maps.columns) / crop.width;
  const double along = static_cast<double>(maps.rows) / crop.height;
  for (std::size_t i = 0; i < count; ++i) {
    float place[2] = {points[i].x, points[i].y};
    map_points(to_crop, 1, 2, place);
    const double x = (static_cast<double>(place[0]) + 0.5) * across - 0.5;
    const double y = (static_cast<double>(place[1]) + 0.5) * along - 0.5;
    const auto most_x = static_cast<double>(maps.columns - 1);
    const auto most_y = static_cast<double>(maps.rows - 1);
    if (!(x >= -0.5 && y >= -0.5 && x <= most_x + 0.5 && y <= most_y + 0.5)) {
      throw wrong("points", "point " + text(i) + " beyond the crop of its face",
                  "points on the face are wanted");
    }
    const double inside_x = std::clamp(x, 0.0, most_x), inside_y = std::clamp(y, 0.0, most_y);
    const auto left = static_cast<std::size_t>(inside_x), top = static_cast<std::size_t>(inside_y);
    const std::size_t right = std::min(left + 1, maps.columns - 1);
    const std::size_t bottom = std::min(top + 1, maps.rows - 1);
    const double u = inside_x - static_cast<double>(left), v = inside_y - static_cast<double>(top);
    for (std::size_t d = 0; d < dim; ++d) {
      const float* map = maps.data + d * pixels;
      const auto at = [&](std::size_t row, std::size_t column) {
        return static_cast<double>(map[row * maps.columns + column]);
      };
      const double above = (1 - u) * at(top, left) + u * at(top, right);
      const double below = (1 - u) * at(bottom, left) + u * at(bottom, right);
      descriptors[i * dim + d] = static_cast<float>((1 - v) * above + v * below);
    }
  }
}

}  // namespace rostro
