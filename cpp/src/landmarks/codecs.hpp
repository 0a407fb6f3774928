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

/// Of maps of features, as many as a descriptor has numbers, of rows x columns: for each descriptor
/// the pixel whose features have the largest inner product with it, found by the int8 search, then
/// the mean place of the pixels around it under a softmax of `beta` times their products (Thewlis
/// et al., "Unsupervised learning of landmarks by descriptor vector exchange", 2019, section 3).
/// Throws NetworkError for features that are not finite.
void decode_descriptors(const PointsOfFace& face, const float* maps, std::size_t rows,
                        std::size_t columns);

}  // namespace rostro
