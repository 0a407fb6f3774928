#include <algorithm>
#include <cmath>

#include "rostro/quality.hpp"

namespace rostro {

namespace {

double sigmoid(double value, double middle, double width) {
  return 1 / (1 + std::exp((middle - value) / width));
}

double cosine_squared(double degrees) {
  const double cosine = std::max(std::cos(degrees * (M_PI / 180)), 0.0);
  return 100 * cosine * cosine;
}

/// The mapping of one measured value; those of the standard are named after it in
/// docs/guide/quality.md, with our own of sharpness, compression and what networks say.
double component(QualityMeasure measure, double value) {
  switch (measure) {
    case QualityMeasure::sharpness:
      return 100 * sigmoid(value, 0.4, 0.05);
    case QualityMeasure::compression:
      return 100 * (1 - sigmoid(std::log2(value), 2.8, 0.6));
    case QualityMeasure::under_exposure:
      return 120 * (0.832 - sigmoid(value, 0.92, 0.05));
    case QualityMeasure::over_exposure:
      return 1 / (value + 0.01);
    case QualityMeasure::dynamic_range:
      return 12.5 * value;
    case QualityMeasure::illumination:
      return 100 * std::pow(value, 0.3);
    case QualityMeasure::natural_color:
      return 200 * (1 - sigmoid(value, 0, 10));
    case QualityMeasure::inter_eye_distance:
      return 100 * sigmoid(value, 70, 20);
    case QualityMeasure::head_size:
      return 200 * (1 - sigmoid(std::abs(value - 0.45), 0, 0.05));
    case QualityMeasure::crop_left:
    case QualityMeasure::crop_right:
      return 100 * sigmoid(value, 0.9, 0.1);
    case QualityMeasure::crop_above:
      return 100 * sigmoid(value, 1.4, 0.1);
    case QualityMeasure::crop_below:
      return 100 * sigmoid(value, 1.8, 0.1);
    case QualityMeasure::yaw:
    case QualityMeasure::pitch:
    case QualityMeasure::roll:
      return cosine_squared(value);
    case QualityMeasure::eyes_open:
      return 100 * sigmoid(value, 0.02, 0.01);
    case QualityMeasure::mouth_closed:
      return 100 * (1 - sigmoid(value, 0.2, 0.06));
    case QualityMeasure::eyes_visible:
    case QualityMeasure::mouth_visible:
    case QualityMeasure::face_visible:
    case QualityMeasure::expression:
    case QualityMeasure::certainty:
      return 100 * value;
  }
  return NAN;
}

}  // namespace

QualityNumbers quality_components(const QualityNumbers& measured) {
  QualityNumbers components;
  for (std::size_t i = 0; i < kQualityMeasures; ++i) {
    const double value =
        component(static_cast<QualityMeasure>(i), static_cast<double>(measured[i]));
    components[i] = static_cast<float>(std::isnan(value) ? value : std::clamp(value, 0.0, 100.0));
  }
  return components;
}

}  // namespace rostro
