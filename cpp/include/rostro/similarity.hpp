#pragma once

#include <cstddef>

#include "rostro/types.hpp"

namespace rostro {

/// The similarity (rotation, uniform scale, translation; never a reflection) that takes `count`
/// points `src` to `dst` with the least squared error. In two dimensions the solution of Umeyama
/// ("Least-squares estimation of transformation parameters between two point patterns", 1991,
/// eq. 40-42) is closed: with centred points p and q, a = sum(p.q) / sum|p|^2 and
/// b = sum(p x q) / sum|p|^2 give [[a, -b], [b, a]].
/// Throws InvalidArgument when a point is not finite or all of `src` coincide.
Affine estimate_similarity(const Point* src, const Point* dst, std::size_t count);

/// The same for `sets` sets of `count` points each, which all go to the one `dst`. The error names
/// the set.
void estimate_similarities(const Point* src, std::size_t sets, const Point* dst, std::size_t count,
                           Affine* transforms);

}  // namespace rostro
