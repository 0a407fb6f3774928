#pragma once

#include "rostro/tracker.hpp"
#include "rostro/types.hpp"

// How a face moves: a Kalman filter (Kalman, "A new approach to linear filtering and prediction
// problems", 1960) of constant speed. Center, size and aspect are filtered apart: their noise does
// not mix, so the covariance of all eight numbers falls into four of two.
namespace rostro {

/// A number and its speed, with their covariance.
struct Axis {
  double value = 0, speed = 0;
  double variance = 0, covariance = 0, speed_variance = 0;

  /// `diffusion` and `speed_diffusion`: variances that a second adds.
  void predict(double seconds, double diffusion, double speed_diffusion);
  void correct(double measured, double noise);
};

/// A box as the filter takes it. The logarithms keep size and aspect above 0, and make an approach
/// at constant speed one of constant growth.
struct BoxShape {
  explicit BoxShape(const float* box);

  double x, y, log_size, log_aspect;
};

class Motion {
 public:
  /// Begins at a box, with an unknown speed.
  void start(const BoxShape& box, const TrackerSettings& settings);

  /// `seen`: whether the face was seen in the frame before. While it is not, its size stays as it
  /// is, for a wrong speed of it would soon fill the image.
  void predict(double seconds, bool seen, const TrackerSettings& settings);

  /// Moves with the camera. The noise of a center is the same in all directions, so only the scale
  /// of the transform changes it.
  void follow(const Affine& camera, double scale);

  void correct(const BoxShape& box, const TrackerSettings& settings);

  /// Writes x1, y1, x2, y2.
  void box(float* corners) const;

  double size() const { return scale_; }
  /// Of the center, in sizes of the face.
  double deviation() const;

 private:
  void resize();

  Axis x_, y_, size_, aspect_;  // the last two are logarithms
  double scale_ = 1;            // the size itself
};

}  // namespace rostro
