#pragma once

#include "rostro/tracker.hpp"

namespace rostro {

/// Smooths a coordinate more the slower it moves: Casiez, Roussel and Vogel, "1 Euro filter: A
/// simple speed-based low-pass filter for noisy input in interactive systems", 2012.
struct OneEuro {
  double value = 0, speed = 0;  ///< the speed in units a second

  void start(double measured);
  /// `size`: of the face, by which its speed is measured.
  double filter(double measured, double seconds, double size, const TrackerSettings& settings);
};

}  // namespace rostro
