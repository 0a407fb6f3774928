#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "landmarks/codecs.hpp"

namespace rostro {

namespace {

/// A place in a map: x and y from the centre of its first pixel on.
struct Place {
  double x, y;
};

struct Map {
  const float* data;
  std::size_t rows, columns;

  double at(std::size_t y, std::size_t x) const {
    return static_cast<double>(data[y * columns + x]);
  }
};

struct Top {
  std::size_t x, y;
  /// Whether so many pixels lie between it and every border.
  bool inside(const Map& map, std::size_t margin) const {
    return x >= margin && y >= margin && x + margin < map.columns && y + margin < map.rows;
  }
};

Top top_of(const Map& map) {
  const float* best = std::max_element(map.data, map.data + map.rows * map.columns);
  const auto index = static_cast<std::size_t>(best - map.data);
  return {index % map.columns, index / map.columns};
}

double sign(double value) { return value > 0 ? 1 : value < 0 ? -1 : 0; }

/// A quarter of a pixel towards the larger neighbour (Newell et al., "Stacked hourglass networks",
/// 2016, section 3.1).
Place quarter(const Map& map, const Top& top) {
  Place place{static_cast<double>(top.x), static_cast<double>(top.y)};
  if (top.inside(map, 1)) {
    place.x += 0.25 * sign(map.at(top.y, top.x + 1) - map.at(top.y, top.x - 1));
    place.y += 0.25 * sign(map.at(top.y + 1, top.x) - map.at(top.y - 1, top.x));
  }
  return place;
}

/// The weights of a Gaussian of so many pixels, whose deviation goes with their number as OpenCV's.
void gaussian(int pixels, std::vector<double>& weights) {
  const double deviation = 0.3 * ((pixels - 1) * 0.5 - 1) + 0.8;
  weights.clear();
  double sum = 0;
  for (int i = 0; i < pixels; ++i) {
    const double distance = i - (pixels - 1) / 2.0;
    weights.push_back(std::exp(-distance * distance / (2 * deviation * deviation)));
    sum += weights.back();
  }
  for (double& weight : weights) weight /= sum;
}

/// The map smoothed at one pixel; nothing is outside.
double smoothed(const Map& map, const std::vector<double>& weights, std::size_t y, std::size_t x) {
  const auto radius = static_cast<std::ptrdiff_t>(weights.size() / 2);
  double sum = 0;
  for (std::ptrdiff_t j = -radius; j <= radius; ++j) {
    const auto row = static_cast<std::ptrdiff_t>(y) + j;
    if (row < 0 || row >= static_cast<std::ptrdiff_t>(map.rows)) continue;
    double of_row = 0;
    for (std::ptrdiff_t i = -radius; i <= radius; ++i) {
      const auto column = static_cast<std::ptrdiff_t>(x) + i;
      if (column < 0 || column >= static_cast<std::ptrdiff_t>(map.columns)) continue;
      of_row += weights[static_cast<std::size_t>(i + radius)] *
                map.at(static_cast<std::size_t>(row), static_cast<std::size_t>(column));
    }
    sum += weights[static_cast<std::size_t>(j + radius)] * of_row;
  }
  return sum;
}

/// One step of Newton's method on the logarithm of the smoothed map (Zhang et al.,
/// "Distribution-aware coordinate representation for human pose estimation", 2020, eq. 4-10). Only
/// the pixels that its derivatives take are smoothed; to scale the map to its old top, as there,
/// would change none of them.
Place dark(const Map& map, const Top& top, const std::vector<double>& weights) {
  Place place{static_cast<double>(top.x), static_cast<double>(top.y)};
  if (!top.inside(map, 2)) return place;
  constexpr std::size_t kSide = 5;
  double logs[kSide][kSide] = {};
  for (std::size_t y = 0; y < kSide; ++y) {
    for (std::size_t x = 0; x < kSide; ++x) {
      const double value = smoothed(map, weights, top.y + y - 2, top.x + x - 2);
      logs[y][x] = std::log(std::max(value, 1e-10));
    }
  }
  const double dx = (logs[2][3] - logs[2][1]) / 2, dy = (logs[3][2] - logs[1][2]) / 2;
  const double dxx = (logs[2][4] - 2 * logs[2][2] + logs[2][0]) / 4;
  const double dyy = (logs[4][2] - 2 * logs[2][2] + logs[0][2]) / 4;
  const double dxy = (logs[3][3] - logs[1][3] - logs[3][1] + logs[1][1]) / 4;
  const double determinant = dxx * dyy - dxy * dxy;
  // Of no top the step leads anywhere; that of a map without noise is shorter than a pixel.
  if (!(dxx < 0) || !(determinant > 0)) return place;
  place.x -= (dyy * dx - dxy * dy) / determinant;
  place.y -= (dxx * dy - dxy * dx) / determinant;
  return place;
}

Place soft_argmax(const Map& map, double beta) {
  const Top top = top_of(map);
  const double most = map.at(top.y, top.x);
  double sum = 0;
  Place place{0, 0};
  for (std::size_t y = 0; y < map.rows; ++y) {
    for (std::size_t x = 0; x < map.columns; ++x) {
      const double weight = std::exp(beta * (map.at(y, x) - most));
      sum += weight;
      place.x += weight * static_cast<double>(x);
      place.y += weight * static_cast<double>(y);
    }
  }
  return {place.x / sum, place.y / sum};
}

/// What the probability stands for as a logit.
double logit(double probability) {
  const double p = std::clamp(probability, 1e-7, 1 - 1e-7);
  return std::log(p / (1 - p));
}

}  // namespace

void decode_heat_maps(const PointsOfFace& face, const float* maps, std::size_t rows,
                      std::size_t columns) {
  const LandmarkerSettings& settings = face.settings;
  const Size size = settings.crop.size;
  const double across = size.width / static_cast<double>(columns);
  const double along = size.height / static_cast<double>(rows);
  const bool by_dark = settings.codec == PointCodec::dark;
  thread_local std::vector<double> weights;
  if (by_dark) gaussian(settings.blur, weights);
  for (std::size_t i = 0; i < face.count; ++i) {
    const Map map{maps + i * rows * columns, rows, columns};
    const Place place = settings.codec == PointCodec::soft_argmax
                            ? soft_argmax(map, static_cast<double>(settings.beta))
                        : by_dark ? dark(map, top_of(map), weights)
                                  : quarter(map, top_of(map));
    face.out[i * face.sides] = static_cast<float>((place.x + 0.5) * across - 0.5);
    face.out[i * face.sides + 1] = static_cast<float>((place.y + 0.5) * along - 0.5);
  }
}

float decode_offset_maps(const PointsOfFace& face, const float* maps, std::size_t rows,
                         std::size_t columns) {
  const LandmarkerSettings& settings = face.settings;
  const std::size_t pixels = rows * columns;
  // The first and last pixels of a map stand on those of the crop.
  const double width = settings.crop.size.width - 1, height = settings.crop.size.height - 1;
  const double across = width / static_cast<double>(columns - 1);
  const double along = height / static_cast<double>(rows - 1);
  const auto factor = static_cast<double>(settings.offset_factor);
  double sum = 0;
  for (std::size_t i = 0; i < face.count; ++i) {
    const Map map{maps + i * pixels, rows, columns};
    const Top top = top_of(map);
    const std::size_t at = top.y * columns + top.x;
    const float* down = maps + (face.count + i) * pixels + at;
    const float* right = down + face.count * pixels;
    const double x = across * static_cast<double>(top.x);
    const double y = along * static_cast<double>(top.y);
    const double dx = width * logit(static_cast<double>(*right)) / factor;
    const double dy = height * logit(static_cast<double>(*down)) / factor;
    face.out[i * face.sides] = static_cast<float>(x + dx);
    face.out[i * face.sides + 1] = static_cast<float>(y + dy);
    sum += map.at(top.y, top.x);
  }
  return static_cast<float>(sum / static_cast<double>(face.count));
}

}  // namespace rostro
