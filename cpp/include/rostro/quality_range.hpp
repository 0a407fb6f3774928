#pragma once

#include <cstddef>

namespace rostro {

/// The numbers of a measure that mean quality 0 and 1: linear between them, clipped beyond. `low`
/// is the larger one where less is better, as of a distance.
struct QualityRange {
  float low = 0;
  float high = 1;
};

/// Throws InvalidArgument for a range without a width, or that is not finite.
void check_quality_range(const QualityRange& range);

/// Writes the quality, 0..1, that `count` numbers mean; of one that is not finite, 0.
void scale_quality(const float* numbers, std::size_t count, const QualityRange& range,
                   float* quality);

}  // namespace rostro
