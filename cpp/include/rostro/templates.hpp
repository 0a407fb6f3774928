#pragma once

#include <string_view>

#include "rostro/types.hpp"

namespace rostro {

/// Where the landmarks of a face lie in the crop that it is aligned to.
struct CropTemplate {
  Point points[kLandmarks];
};

/// The crop template of this name for crops of `size`: "arcface" (made for 112x112; for multiples
/// of 128 its variant for 128, whose points lie 8 pixels further right), "ffhq" (made for 512x512).
/// Crops that are not square have the template of their height, with as much cut off or added at
/// the left as at the right: 96x112 is that of SphereFace. Throws InvalidArgument with the known
/// names otherwise.
CropTemplate find_template(std::string_view name, Size size);

/// A crop template of one's own for crops of `size`, of its points in 0..1 of the crop. Throws
/// InvalidArgument unless they are finite and not all in one place.
CropTemplate scale_template(const CropTemplate& shares, Size size);

}  // namespace rostro
