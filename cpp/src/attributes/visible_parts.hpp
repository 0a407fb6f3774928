#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "attributes/face_points.hpp"
#include "rostro/types.hpp"

namespace rostro {

/// A map of what is where on a face.
struct PartsMask {
  const std::uint8_t* classes;  ///< of its pixels, row by row
  Size size;
  Affine to_image;
  std::array<bool, 256> covers;  ///< which classes are things before a face
};

inline constexpr std::size_t kVisibleParts = 3;

/// The shares of the eyes, of the mouth and of the face that nothing covers, 0..1; NaN where it is
/// not said where they are, and where the mask shows less than half of them.
std::array<float, kVisibleParts> visible_parts(const PartsMask& mask, const FacePoints& face);

}  // namespace rostro
