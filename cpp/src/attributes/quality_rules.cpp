#include <cmath>

#include "rostro/quality.hpp"

namespace rostro {

namespace {

constexpr bool kLeast = true, kMost = false;
constexpr float kNot = NAN;  ///< not judged

}  // namespace

// Limits of "recognize" are where a face begins not to be recognized, those of "enroll" leave room
// for the faces that will be compared with it. Light from a side is not judged: the standard's
// measure is 0 of every tenth photo of LFW, nearly all of which are recognized.
// docs/guide/quality.md shows this table.
const std::array<QualityRule, kQualityMeasures>& quality_rules() {
  static constexpr std::array<QualityRule, kQualityMeasures> kRules = {{
      // clang-format off
      {"sharpness", "sharpness", "share", kLeast, reason::blurred, 0.40f, 0.28f},
      {"compression", "no compression artefacts", "ratio", kMost, reason::compressed, 6, 12},
      {"under_exposure", "under-exposure prevention", "share", kMost, reason::dark, 0.70f, 0.90f},
      {"over_exposure", "over-exposure prevention", "share", kMost, reason::bright, 0.10f, 0.30f},
      {"dynamic_range", "dynamic range", "bits", kLeast, reason::flat, 5, 4},
      {"illumination", "illumination uniformity", "share", kLeast, reason::uneven, kNot, kNot},
      {"natural_color", "natural colour", "distance", kMost, reason::colored, 30, kNot},
      {"inter_eye_distance", "inter-eye distance", "px", kLeast, reason::small, 30, 16},
      {"head_size", "head size", "share", kLeast, reason::small, kNot, kNot},
      {"crop_left", "leftward crop of the face image", "eye distances", kLeast, reason::cut, 0.6f, 0.4f},
      {"crop_right", "rightward crop of the face image", "eye distances", kLeast, reason::cut, 0.6f, 0.4f},
      {"crop_above", "margin above the face image", "eye-chin distances", kLeast, reason::cut, 0.5f, 0.3f},
      {"crop_below", "margin below the face image", "eye-chin distances", kLeast, reason::cut, 1.0f, 0.8f},
      {"yaw", "head pose: yaw", "degrees", kMost, reason::turned, 25, 50},
      {"pitch", "head pose: pitch", "degrees", kMost, reason::tilted, 30, 45},
      {"roll", "head pose: roll", "degrees", kMost, reason::tilted, 30, kNot},
      {"eyes_open", "eyes open", "eye-chin distances", kLeast, reason::eyes_closed, 0.02f, kNot},
      {"mouth_closed", "mouth closed", "eye-chin distances", kMost, reason::mouth_open, 0.2f, kNot},
      {"eyes_visible", "eyes visible", "share", kLeast, reason::covered, 0.7f, kNot},
      {"mouth_visible", "mouth occlusion prevention", "share", kLeast, reason::covered, 0.5f, kNot},
      {"face_visible", "face occlusion prevention", "share", kLeast, reason::covered, 0.5f, kNot},
      {"expression", "expression neutrality", "share", kLeast, reason::expression, kNot, kNot},
      {"certainty", "", "share", kLeast, reason::uncertain, 0.7f, 0.5f},
      // clang-format on
  }};
  return kRules;
}

QualityNumbers quality_limits(QualityPurpose purpose) {
  QualityNumbers limits;
  for (std::size_t i = 0; i < kQualityMeasures; ++i) {
    const QualityRule& rule = quality_rules()[i];
    limits[i] = purpose == QualityPurpose::enroll ? rule.enroll : rule.recognize;
  }
  return limits;
}

std::uint32_t quality_reasons(const QualityNumbers& measured, const QualityNumbers& limits) {
  const bool seen = !std::isnan(measured[static_cast<std::size_t>(QualityMeasure::sharpness)]);
  std::uint32_t reasons = seen ? 0 : reason::uncertain;
  for (std::size_t i = 0; i < kQualityMeasures; ++i) {
    const QualityRule& rule = quality_rules()[i];
    // NaN, of a value or a limit, is beyond nothing.
    const bool beyond = rule.least ? measured[i] < limits[i] : std::abs(measured[i]) > limits[i];
    if (beyond) reasons |= rule.reason;
  }
  return reasons;
}

}  // namespace rostro
