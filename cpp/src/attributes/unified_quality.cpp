#include <algorithm>
#include <cmath>

#include "rostro/quality.hpp"

namespace rostro {

namespace {

/// What a measured value takes away: of `good` nearly nothing, of `bad` the weight, and beyond it
/// as much more, up to kMostWeights weights.
struct Term {
  QualityMeasure measure;
  double good;
  double bad;
  double weight;
};

// Fitted to how likely faces of LFW, damaged at random, are still recognized:
// benchmarks/quality_fit.py prints them. Its photos hardly show faces that are turned, too dark or
// too bright, and nearly nothing of one side more than of the other: of these the weight is 1, and
// both sides' alike. An unsharp face has a low sharpness, a noisy one a high.
constexpr double kBest = 4.4;
constexpr double kMostWeights = 4;

// What the logit becomes where the norm of the embedding is known, in its card's range; fitted to
// the same photos.
constexpr double kOfMeasures = 0.36, kOfNorm = 6.8, kWithNorm = -2.95;
constexpr Term kTerms[] = {
    {QualityMeasure::sharpness, 0.37, 0.14, 3.5},
    {QualityMeasure::sharpness, 0.63, 0.81, 2.2},
    {QualityMeasure::compression, 1.7, 4.9, 2.5},
    {QualityMeasure::under_exposure, 0.6, 1, 1},
    {QualityMeasure::over_exposure, 0.1, 0.6, 1},
    {QualityMeasure::dynamic_range, 6.3, 3.5, 1.3},
    {QualityMeasure::inter_eye_distance, 5.95, 4.05, 1},
    {QualityMeasure::crop_left, 0.78, 0, 0.7},
    {QualityMeasure::crop_right, 0.78, 0, 0.7},
    {QualityMeasure::crop_above, 0.9, 0.17, 2},
    {QualityMeasure::crop_below, 1.2, 0.44, 0.7},
    {QualityMeasure::yaw, 21, 68, 1},
    {QualityMeasure::pitch, 9, 37, 0.9},
    {QualityMeasure::certainty, 0.93, 0.75, 4},
};

/// On the scale of a term: sizes and ratios count by their logarithm to base 2.
double scaled(QualityMeasure measure, double value) {
  switch (measure) {
    case QualityMeasure::compression:
    case QualityMeasure::inter_eye_distance:
      return std::log2(value);
    case QualityMeasure::yaw:
    case QualityMeasure::pitch:
      return std::abs(value);
    default:
      return value;
  }
}

/// Nearly max(0, way), with a round corner.
double hinge(double way) {
  return std::min(std::log1p(std::exp(6 * std::min(way, 10.0))) / 6, kMostWeights);
}

}  // namespace

float unified_quality(const QualityNumbers& measured, float norm) {
  if (std::isnan(measured[static_cast<std::size_t>(QualityMeasure::sharpness)])) return 0;
  double sum = kBest;
  for (const Term& term : kTerms) {
    const auto value = static_cast<double>(measured[static_cast<std::size_t>(term.measure)]);
    if (std::isnan(value)) continue;
    const double way = (scaled(term.measure, value) - term.good) / (term.bad - term.good);
    sum -= term.weight * hinge(way);
  }
  if (!std::isnan(norm)) {
    sum = kWithNorm + kOfMeasures * sum + kOfNorm * static_cast<double>(norm);
  }
  return static_cast<float>(1 / (1 + std::exp(-sum)));
}

}  // namespace rostro
