#pragma once

#include <limits>
#include <vector>

#include "rostro/detector.hpp"

namespace rostro {

/// A side that cuts nothing: the image ends there too.
inline constexpr float kNoCut = std::numeric_limits<float>::infinity();

/// Throws InvalidArgument unless tiles have sides of at least 2 pixels and an
/// overlap below the shorter one.
void check_tiling(const Tiling& tiling);

/// The tiles of an image, without the size of their input; none where it fits into one.
std::vector<DetectorView> tiles(const Tiling& tiling, Size image);

/// Makes faces in a view such in the image, without those that a cut may halve.
void keep_whole(Faces& found, const DetectorView& view);

}  // namespace rostro
