#pragma once

#include <cstddef>

#include "rostro/landmarker.hpp"

namespace rostro {

/// Of one face: points in pixels of the crop out of what a network gives, `sides` numbers apart in
/// `out`, of which x and y are written (and z, where coordinates have it).
struct PointsOfFace {
  const LandmarkerSettings& settings;
  std::size_t count;
  std::size_t sides;
  float* out;
};

/// Of count x settings.sides numbers.
void decode_coordinates(const PointsOfFace& face, const float* numbers);

/// Of count maps of rows x columns: where each has its top, to less than a pixel.
void decode_heat_maps(const PointsOfFace& face, const float* maps, std::size_t rows,
                      std::size_t columns);

/// Of 3 x count maps of rows x columns: heat, then how far below and how far to the right of a
/// pixel the point lies, as the probability of a logit. Returns the mean of the tops.
float decode_offset_maps(const PointsOfFace& face, const float* maps, std::size_t rows,
                         std::size_t columns);

}  // namespace rostro
