#include <algorithm>
#include <array>
#include <cmath>

#include "attributes/measures.hpp"

namespace rostro {

namespace {

// ISO/IEC 29794-5:2025 measures luminance as the Y of sRGB, linear, rounded to 0..255:
// Y = 0.2126 R + 0.7152 G + 0.0722 B with R, G, B of IEC 61966-2-1.
constexpr double kBlue = 0.0722, kGreen = 0.7152, kRed = 0.2126;
constexpr int kShift = 20;  ///< fraction bits of the tables

constexpr int kDarkest = 25;     ///< the most luminance that is too dark
constexpr int kBrightest = 247;  ///< the least that is too bright

using LightTable = std::array<std::uint32_t, 256>;

LightTable linear(double weight) {
  LightTable table;
  for (std::size_t i = 0; i < 256; ++i) {
    const double value = static_cast<double>(i) / 255;
    const double light = value > 0.04045 ? std::pow((value + 0.055) / 1.055, 2.4) : value / 12.92;
    table[i] = static_cast<std::uint32_t>(std::lround(light * weight * 255 * (1 << kShift)));
  }
  return table;
}

struct LightTables {
  LightTable blue = linear(kBlue), green = linear(kGreen), red = linear(kRed);

  std::size_t luminance(const std::uint8_t* bgr) const {
    return (blue[bgr[0]] + green[bgr[1]] + red[bgr[2]] + (1u << (kShift - 1))) >> kShift;
  }
};

const LightTables& tables() {
  static const LightTables kTables;
  return kTables;
}

using Histogram = std::array<std::uint32_t, 256>;

/// In two turns, for neighbours are often equal, and a counter that was just written is slow to
/// read.
using Histograms = std::array<Histogram, 2>;

int add(const FaceCrop& crop, Span span, int y, Histograms& histograms) {
  const LightTables& table = tables();
  const Span inside = crop.within(span, y);
  const std::uint8_t* pixel = crop.pixel(inside.begin, y);
  int x = inside.begin;
  for (; x + 1 < inside.end; x += 2, pixel += 6) {
    ++histograms[0][table.luminance(pixel)];
    ++histograms[1][table.luminance(pixel + 3)];
  }
  if (x < inside.end) ++histograms[0][table.luminance(pixel)];
  return inside.size();
}

/// Of a cheek's zone: the histogram in 32 bins, for a zone of 112-pixel crops has too few pixels
/// to fill the standard's 256.
constexpr std::size_t kBins = 32;

std::array<double, kBins> shares(const FaceCrop& crop, Span columns, int* pixels) {
  Histograms histograms{};
  *pixels = 0;
  for (int y = kCheekTop; y < kCheekBottom; ++y) *pixels += add(crop, columns, y, histograms);
  std::array<double, kBins> shares{};
  for (std::size_t i = 0; i < 256; ++i)
    shares[i * kBins / 256] += histograms[0][i] + histograms[1][i];
  for (double& share : shares) share /= *pixels > 0 ? *pixels : 1;
  return shares;
}

}  // namespace

void measure_luminance(const FaceCrop& crop, QualityNumbers& measured) {
  Histograms histograms{};
  int pixels = 0;
  for (int y = kCropTop; y < kCropSide; ++y) {
    pixels += add(crop, face_spans()[static_cast<std::size_t>(y)], y, histograms);
  }
  if (pixels < kFewestPixels) return;
  std::uint32_t dark = 0, bright = 0;
  double entropy = 0;
  for (std::size_t i = 0; i < 256; ++i) {
    const std::uint32_t count = histograms[0][i] + histograms[1][i];
    if (i <= kDarkest) dark += count;
    if (i >= kBrightest) bright += count;
    const double share = static_cast<double>(count) / pixels;
    if (share > 0) entropy -= share * std::log2(share);
  }
  at(measured, QualityMeasure::under_exposure) =
      static_cast<float>(static_cast<double>(dark) / pixels);
  at(measured, QualityMeasure::over_exposure) =
      static_cast<float>(static_cast<double>(bright) / pixels);
  at(measured, QualityMeasure::dynamic_range) = static_cast<float>(entropy);

  int at_left = 0, at_right = 0;
  const auto left = shares(crop, kLeftCheek, &at_left);
  const auto right = shares(crop, kRightCheek, &at_right);
  if (at_left < kFewestCheekPixels || at_right < kFewestCheekPixels) return;
  double shared = 0;
  for (std::size_t i = 0; i < kBins; ++i) shared += std::min(left[i], right[i]);
  at(measured, QualityMeasure::illumination) = static_cast<float>(shared);
}

}  // namespace rostro
