#include <algorithm>
#include <cmath>

#include "attributes/face_parts.hpp"
#include "attributes/measures.hpp"
#include "support/finite.hpp"

namespace rostro {

namespace {

// Indices of MediaPipe's 52 blendshapes.
constexpr std::size_t kFirstBrow = 1, kLastCheek = 8, kBlinkLeft = 9, kBlinkRight = 10;
constexpr std::size_t kFirstJaw = 23, kJawOpen = 25, kLast = 51;

double distance(const FacePoints& face, const PointPair& pair) {
  const float* a = face.points + pair[0] * face.sides;
  const float* b = face.points + pair[1] * face.sides;
  return std::hypot(static_cast<double>(a[0]) - static_cast<double>(b[0]),
                    static_cast<double>(a[1]) - static_cast<double>(b[1]));
}

template <typename Pairs>
double widest(const FacePoints& face, const Pairs& pairs) {
  double most = 0;
  for (const PointPair& pair : pairs) most = std::max(most, distance(face, pair));
  return most;
}

/// From between the eyes to the tip of the chin.
double to_chin(const FacePoints& face, const FaceParts& parts) {
  double x = 0, y = 0;
  for (const PointPair& corners : parts.eye_corners) {
    for (const std::uint16_t corner : corners) {
      x += static_cast<double>(face.points[corner * face.sides]) / 4;
      y += static_cast<double>(face.points[corner * face.sides + 1]) / 4;
    }
  }
  const float* chin = face.points + parts.chin * face.sides;
  return std::hypot(static_cast<double>(chin[0]) - x, static_cast<double>(chin[1]) - y);
}

}  // namespace

// ISO/IEC 29794-5:2025, eyes open and mouth closed: the widest opening of the narrower eye, and of
// the lips, in distances from between the eyes to the chin. Without points that show it, by the
// blendshapes, laid onto the same scale: an opening eye's 0.06 and an open mouth's 0.4. The
// standard's expression neutrality is two networks and a forest; this one is what the strongest of
// the blendshapes of brows, cheeks, jaw, mouth and nose leaves of 1.
void measure_expression(const TableFace& face, QualityNumbers& measured) {
  const FaceParts* parts = face.points == nullptr ? nullptr : face_parts(face.scheme);
  if (parts != nullptr) {
    const double chin = to_chin(face, *parts);
    const double eye = std::min(widest(face, parts->lids[0]), widest(face, parts->lids[1]));
    const double mouth = widest(face, parts->lips);
    if (chin > 0 && std::isfinite(chin + eye + mouth)) {
      at(measured, QualityMeasure::eyes_open) = static_cast<float>(eye / chin);
      at(measured, QualityMeasure::mouth_closed) = static_cast<float>(mouth / chin);
    }
  }
  const float* shapes = face.blendshapes;
  if (shapes == nullptr || !all_finite(shapes, kLast + 1)) return;
  if (parts == nullptr) {
    const float blink = std::max(shapes[kBlinkLeft], shapes[kBlinkRight]);
    at(measured, QualityMeasure::eyes_open) = 0.06f * (1 - blink);
    at(measured, QualityMeasure::mouth_closed) = 0.4f * shapes[kJawOpen];
  }
  const float strongest = std::max(*std::max_element(shapes + kFirstBrow, shapes + kLastCheek + 1),
                                   *std::max_element(shapes + kFirstJaw, shapes + kLast + 1));
  at(measured, QualityMeasure::expression) = 1 - std::clamp(strongest, 0.0f, 1.0f);
}

void measure_visible(const TableFace& face, QualityNumbers& measured) {
  if (face.visible == nullptr) return;
  at(measured, QualityMeasure::eyes_visible) = face.visible[0];
  at(measured, QualityMeasure::mouth_visible) = face.visible[1];
  at(measured, QualityMeasure::face_visible) = face.visible[2];
}

}  // namespace rostro
