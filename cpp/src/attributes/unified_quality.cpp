#include <algorithm>
#include <cmath>

#include "rostro/quality.hpp"

namespace rostro {

namespace {

/// A term of the sum: a value of 0 that costs nothing, up to 1.
struct Term {
  QualityMeasure measure;
  double good;  ///< the measured value, of which and beyond nothing is taken away
  double bad;   ///< the one of which all of the weight is
  double weight;
};

// Placeholder weights.
constexpr double kBest = 3;
constexpr Term kTerms[] = {
    {QualityMeasure::sharpness, 0.55, 0.15, 4},
    {QualityMeasure::compression, 0.6, 5, 2},
    {QualityMeasure::under_exposure, 0.5, 1, 3},
    {QualityMeasure::over_exposure, 0.05, 0.6, 2},
    {QualityMeasure::dynamic_range, 6, 3, 2},
    {QualityMeasure::inter_eye_distance, 5, 3, 4},
    {QualityMeasure::crop_left, 0.8, 0, 3},
    {QualityMeasure::crop_right, 0.8, 0, 3},
    {QualityMeasure::crop_above, 0.8, 0, 3},
    {QualityMeasure::crop_below, 1.2, 0.4, 3},
    {QualityMeasure::yaw, 20, 70, 3},
    {QualityMeasure::pitch, 20, 60, 1},
    {QualityMeasure::certainty, 0.9, 0.3, 2},
};

/// On the scale of a term: sizes and ratios count by their logarithm to base 2.
double scaled(QualityMeasure measure, double value) {
  switch (measure) {
    case QualityMeasure::compression:
    case QualityMeasure::inter_eye_distance:
      return std::log2(value);
    default:
      return std::abs(value);
  }
}

}  // namespace

float unified_quality(const QualityNumbers& measured) {
  if (std::isnan(measured[static_cast<std::size_t>(QualityMeasure::sharpness)])) return 0;
  double sum = kBest;
  for (const Term& term : kTerms) {
    const auto value = static_cast<double>(measured[static_cast<std::size_t>(term.measure)]);
    if (std::isnan(value)) continue;
    const double beyond = (scaled(term.measure, value) - term.good) / (term.bad - term.good);
    sum -= term.weight * std::clamp(beyond, 0.0, 1.0);
  }
  return static_cast<float>(1 / (1 + std::exp(-sum)));
}

}  // namespace rostro
