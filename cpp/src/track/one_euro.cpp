#include "track/one_euro.hpp"

#include <cmath>

namespace rostro {

namespace {

constexpr double kTwoPi = 6.283185307179586;

/// The share of the new value in an exponential mean with this cutoff.
double share(double seconds, double cutoff) {
  const double turn = kTwoPi * cutoff * seconds;
  return turn / (turn + 1);
}

}  // namespace

void OneEuro::start(double measured) {
  value = measured;
  speed = 0;
}

double OneEuro::filter(double measured, double seconds, double size,
                       const TrackerSettings& settings) {
  const double moved = (measured - value) / seconds;
  speed += share(seconds, settings.derivative_cutoff) * (moved - speed);
  const double cutoff = settings.min_cutoff + settings.cutoff_slope * std::abs(speed) / size;
  value += share(seconds, cutoff) * (measured - value);
  return value;
}

}  // namespace rostro
