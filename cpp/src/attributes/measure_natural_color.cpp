#include <algorithm>
#include <array>
#include <cmath>

#include "attributes/measures.hpp"

namespace rostro {

namespace {

/// a* and b* of CIELAB with the white of D50, of the mean color of some pixels: sRGB, linear by
/// IEC 61966-2-1, then X, Y, Z adapted to D50 (Bradford).
struct Lab {
  double a, b;
};

double linear_light(double value) {
  return value > 0.04045 ? std::pow((value + 0.055) / 1.055, 2.4) : value / 12.92;
}

double cubic(double value) {
  constexpr double kEpsilon = 216.0 / 24389, kKappa = 24389.0 / 27;
  return value > kEpsilon ? std::cbrt(value) : (kKappa * value + 16) / 116;
}

Lab lab(const std::array<double, 3>& bgr) {
  const double b = linear_light(bgr[0] / 255), g = linear_light(bgr[1] / 255),
               r = linear_light(bgr[2] / 255);
  const double x = cubic((0.43605 * r + 0.38508 * g + 0.14309 * b) / 0.964221);
  const double y = cubic(0.22249 * r + 0.71689 * g + 0.06062 * b);
  const double z = cubic((0.01393 * r + 0.09710 * g + 0.71419 * b) / 0.825211);
  return {500 * (x - y), 200 * (y - z)};
}

double outside(double value, double low, double high) {
  return std::max({0.0, low - value, value - high});
}

}  // namespace

// ISO/IEC 29794-5:2025, natural colour: how far the mean color of the cheeks is from those of skin,
// 5 <= a* <= 25 and 5 <= b* <= 35; 100 where one is negative. A picture without color is none that
// is unnatural: 0.
void measure_natural_color(const FaceCrop& crop, QualityNumbers& measured) {
  std::array<std::uint32_t, 3> sums{};
  std::uint32_t pixels = 0;
  bool colored = false;
  for (int y = kCheekTop; y < kCheekBottom; ++y) {
    for (const Span& cheek : {kLeftCheek, kRightCheek}) {
      const Span inside = crop.within(cheek, y);
      for (int x = inside.begin; x < inside.end; ++x) {
        const std::uint8_t* bgr = crop.pixel(x, y);
        for (std::size_t c = 0; c < 3; ++c) sums[c] += bgr[c];
        colored = colored || bgr[0] != bgr[1] || bgr[1] != bgr[2];
        ++pixels;
      }
    }
  }
  if (pixels < static_cast<std::uint32_t>(kFewestCheekPixels)) return;
  float& distance = at(measured, QualityMeasure::natural_color);
  distance = 0;
  if (!colored) return;
  std::array<double, 3> mean;
  for (std::size_t c = 0; c < 3; ++c) mean[c] = static_cast<double>(sums[c]) / pixels;
  const Lab color = lab(mean);
  distance = color.a < 0 || color.b < 0
                 ? 100
                 : static_cast<float>(std::hypot(outside(color.a, 5, 25), outside(color.b, 5, 35)));
}

}  // namespace rostro
