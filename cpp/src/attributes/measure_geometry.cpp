#include <algorithm>
#include <cmath>

#include "attributes/face_parts.hpp"
#include "attributes/measures.hpp"
#include "support/finite.hpp"
#include "support/precision.hpp"

namespace rostro {

namespace {

/// From between the eyes to the tip of the chin, in distances from there to between the corners of
/// the mouth: of the mean face of the mesh.
constexpr double kChinOfMouth = 1.718;
/// From eye to eye, in means of the sides of a face's box: of the default detector's boxes of LFW.
constexpr double kEyesOfBox = 0.377;
/// The least cosine of a yaw by which a distance is divided: one of 85 degrees.
constexpr double kLeastCosine = 0.087;

Place middle(Place a, Place b) { return {(a.x + b.x) / 2, (a.y + b.y) / 2}; }

/// What sizes are taken from.
struct Sizes {
  Place left_eye, right_eye;
  double to_chin = 0;  ///< from between the eyes

  Place between() const { return middle(left_eye, right_eye); }
};

Sizes sizes_of(const FacePoints& face, const FaceParts* parts) {
  if (parts != nullptr) {
    const auto point = [&](std::uint16_t index) {
      const float* numbers = face.points + index * face.sides;
      return Place{static_cast<double>(numbers[0]), static_cast<double>(numbers[1])};
    };
    const auto eye = [&](const PointPair& corners) {
      return middle(point(corners[0]), point(corners[1]));
    };
    Sizes sizes{eye(parts->eye_corners[0]), eye(parts->eye_corners[1])};
    sizes.to_chin = distance(sizes.between(), point(parts->chin));
    return sizes;
  }
  const auto landmark = [&](int index) {
    const Point& point = face.landmarks[index];
    return Place{static_cast<double>(point.x), static_cast<double>(point.y)};
  };
  Sizes sizes{landmark(0), landmark(1)};
  const Place mouth = middle(landmark(3), landmark(4));
  sizes.to_chin = kChinOfMouth * distance(sizes.between(), mouth);
  return sizes;
}

}  // namespace

// ISO/IEC 29794-5:2025: inter-eye distance, head size, crop of the face image and head pose.
void measure_geometry(const TableFace& face, Size image, QualityNumbers& measured) {
  double cosine = 1;
  if (face.pose != nullptr && all_finite(face.pose, 3)) {
    at(measured, QualityMeasure::yaw) = face.pose[0];
    at(measured, QualityMeasure::pitch) = face.pose[1];
    at(measured, QualityMeasure::roll) = face.pose[2];
    cosine = std::max(std::cos(static_cast<double>(face.pose[0]) * (M_PI / 180)), kLeastCosine);
  }
  const FaceParts* parts = face.points == nullptr ? nullptr : face_parts(face.scheme);
  if (parts == nullptr && face.landmarks == nullptr) {
    const double sides = static_cast<double>(face.box[2]) - static_cast<double>(face.box[0]) +
                         static_cast<double>(face.box[3]) - static_cast<double>(face.box[1]);
    if (sides > 0 && std::isfinite(sides)) {
      at(measured, QualityMeasure::inter_eye_distance) = f(kEyesOfBox * sides / 2);
    }
    return;
  }
  const Sizes sizes = sizes_of(face, parts);
  const double eyes = distance(sizes.left_eye, sizes.right_eye);
  if (!(eyes > 0) || !(sizes.to_chin > 0) || !std::isfinite(eyes + sizes.to_chin)) return;
  const Place between = sizes.between();
  // A turned head's eyes are further apart than they look.
  at(measured, QualityMeasure::inter_eye_distance) = f(eyes / cosine);
  at(measured, QualityMeasure::head_size) = f(sizes.to_chin / image.height);
  at(measured, QualityMeasure::crop_left) = f(sizes.left_eye.x / eyes);
  at(measured, QualityMeasure::crop_right) = f((image.width - sizes.right_eye.x) / eyes);
  at(measured, QualityMeasure::crop_above) = f(between.y / sizes.to_chin);
  at(measured, QualityMeasure::crop_below) = f((image.height - between.y) / sizes.to_chin);
}

}  // namespace rostro
