#include "track/motion.hpp"

#include <algorithm>
#include <cmath>

namespace rostro {

namespace {

/// Beyond this a face would be larger than any image, or smaller than a pixel's thousandth.
constexpr double kLargestLog = 16;
constexpr double kSmallestLog = -7;

double square(double number) { return number * number; }

Axis started(double value, double variance, double speed_variance) {
  return {value, 0, variance, 0, speed_variance};
}

}  // namespace

// Of a speed that drifts as a random walk: the integrals of its noise over the time.
void Axis::predict(double seconds, double diffusion, double speed_diffusion) {
  value += speed * seconds;
  const double drift = speed_diffusion * seconds;
  variance +=
      seconds * (2 * covariance + seconds * speed_variance + diffusion + seconds * drift / 3);
  covariance += seconds * (speed_variance + drift / 2);
  speed_variance += drift;
}

void Axis::correct(double measured, double noise) {
  const double total = variance + noise;
  const double gain = variance / total, speed_gain = covariance / total;
  const double innovation = measured - value;
  value += gain * innovation;
  speed += speed_gain * innovation;
  speed_variance -= speed_gain * covariance;
  covariance -= gain * covariance;
  variance -= gain * variance;
}

BoxShape::BoxShape(const float* box) {
  const double width = static_cast<double>(box[2]) - static_cast<double>(box[0]);
  const double height = static_cast<double>(box[3]) - static_cast<double>(box[1]);
  x = static_cast<double>(box[0]) + width / 2;
  y = static_cast<double>(box[1]) + height / 2;
  const double log_width = std::log(width), log_height = std::log(height);
  log_size = (log_width + log_height) / 2;
  log_aspect = log_width - log_height;
}

double Motion::deviation() const { return std::sqrt(x_.variance) / scale_; }

void Motion::resize() {
  size_.value = std::clamp(size_.value, kSmallestLog, kLargestLog);
  scale_ = std::exp(size_.value);
}

// The first box counts for two measurements' noise, as in ByteTrack.
void Motion::start(const BoxShape& box, const TrackerSettings& settings) {
  const double noise = square(2 * settings.position_noise);
  const double speed_noise = square(settings.first_speed_noise);
  size_ = started(box.log_size, noise, speed_noise);
  resize();
  const double area = scale_ * scale_;
  x_ = started(box.x, noise * area, speed_noise * area);
  y_ = started(box.y, noise * area, speed_noise * area);
  aspect_ = started(box.log_aspect, square(settings.aspect_noise), 0);
}

void Motion::predict(double seconds, bool seen, const TrackerSettings& settings) {
  const double diffusion = square(settings.position_diffusion);
  const double speed_diffusion = square(settings.speed_diffusion);
  const double area = scale_ * scale_;
  x_.predict(seconds, diffusion * area, speed_diffusion * area);
  y_.predict(seconds, diffusion * area, speed_diffusion * area);
  if (!seen) size_.speed = 0;
  size_.predict(seconds, diffusion, speed_diffusion);
  resize();
  aspect_.predict(seconds, diffusion, 0);
}

void Motion::follow(const Affine& camera, double scale) {
  const float* m = camera.m;
  const auto turned = [m](double x, double y, int row) {
    return static_cast<double>(m[3 * row]) * x + static_cast<double>(m[3 * row + 1]) * y;
  };
  const double x = x_.value, y = y_.value, x_speed = x_.speed, y_speed = y_.speed;
  x_.value = turned(x, y, 0) + static_cast<double>(m[2]);
  y_.value = turned(x, y, 1) + static_cast<double>(m[5]);
  x_.speed = turned(x_speed, y_speed, 0);
  y_.speed = turned(x_speed, y_speed, 1);
  for (Axis* axis : {&x_, &y_}) {
    axis->variance *= scale * scale;
    axis->covariance *= scale * scale;
    axis->speed_variance *= scale * scale;
  }
  size_.value += std::log(scale);
  resize();
}

void Motion::correct(const BoxShape& box, const TrackerSettings& settings) {
  const double noise = square(settings.position_noise);
  const double area = scale_ * scale_;
  x_.correct(box.x, noise * area);
  y_.correct(box.y, noise * area);
  size_.correct(box.log_size, noise);
  resize();
  aspect_.correct(box.log_aspect, square(settings.aspect_noise));
}

void Motion::box(float* corners) const {
  const double root = std::exp(aspect_.value / 2);
  const double half_width = scale_ * root / 2, half_height = scale_ / root / 2;
  corners[0] = static_cast<float>(x_.value - half_width);
  corners[1] = static_cast<float>(y_.value - half_height);
  corners[2] = static_cast<float>(x_.value + half_width);
  corners[3] = static_cast<float>(y_.value + half_height);
}

}  // namespace rostro
