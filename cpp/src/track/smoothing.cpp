#include "track/smoothing.hpp"

#include <cmath>

namespace rostro {

namespace {

constexpr std::size_t kNumbers = 2 * kLandmarks;

/// Moves two filters, of x and of y.
void follow(OneEuro& x, OneEuro& y, const Affine& camera) {
  const auto m = [&camera](int i) { return static_cast<double>(camera.m[i]); };
  const OneEuro old_x = x, old_y = y;
  x.value = m(0) * old_x.value + m(1) * old_y.value + m(2);
  y.value = m(3) * old_x.value + m(4) * old_y.value + m(5);
  x.speed = m(0) * old_x.speed + m(1) * old_y.speed;
  y.speed = m(3) * old_x.speed + m(4) * old_y.speed;
}

/// Filters `count` numbers, or begins with them.
void filter(OneEuro* filters, double* numbers, std::size_t count, bool begun, double seconds,
            double size, const TrackerSettings& settings) {
  for (std::size_t i = 0; i < count; ++i) {
    if (begun) {
      numbers[i] = filters[i].filter(numbers[i], seconds, size, settings);
    } else {
      filters[i].start(numbers[i]);
    }
  }
}

}  // namespace

void smooth(Track& track, std::size_t index, double seconds, const TrackInput& input,
            const TrackOutput& out, const TrackerSettings& settings) {
  const float* corners = input.boxes + 4 * index;
  const auto corner = [corners](int i) { return static_cast<double>(corners[i]); };
  double box[4] = {(corner(0) + corner(2)) / 2, (corner(1) + corner(3)) / 2, corner(2) - corner(0),
                   corner(3) - corner(1)};
  const double size = std::sqrt(box[2] * box[3]);
  filter(track.box_filters, box, 4, track.smoothed, seconds, size, settings);
  track.smoothed = true;
  float* smooth_box = out.boxes + 4 * index;
  smooth_box[0] = static_cast<float>(box[0] - box[2] / 2);
  smooth_box[1] = static_cast<float>(box[1] - box[3] / 2);
  smooth_box[2] = static_cast<float>(box[0] + box[2] / 2);
  smooth_box[3] = static_cast<float>(box[1] + box[3] / 2);

  if (input.landmarks == nullptr) {
    track.points_smoothed = false;
    return;
  }
  double points[kNumbers];
  for (std::size_t i = 0; i < kNumbers; ++i) {
    points[i] = static_cast<double>(input.landmarks[kNumbers * index + i]);
  }
  filter(track.point_filters, points, kNumbers, track.points_smoothed, seconds, size, settings);
  track.points_smoothed = true;
  for (std::size_t i = 0; i < kNumbers; ++i) {
    out.landmarks[kNumbers * index + i] = static_cast<float>(points[i]);
  }
}

void follow_camera(Track& track, const Affine& camera, double scale) {
  follow(track.box_filters[0], track.box_filters[1], camera);
  for (OneEuro* side : {&track.box_filters[2], &track.box_filters[3]}) {
    side->value *= scale;
    side->speed *= scale;
  }
  for (std::size_t i = 0; i < kNumbers; i += 2) {
    follow(track.point_filters[i], track.point_filters[i + 1], camera);
  }
}

}  // namespace rostro
