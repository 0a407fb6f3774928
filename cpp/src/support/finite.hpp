#pragma once

#include <cstddef>

namespace rostro {

/// Whether no number is NaN or infinite.
inline bool all_finite(const float* numbers, std::size_t n) {
  // x - x is 0 of finite numbers alone. Counted rather than left early, which would not be
  // vectorized.
  unsigned bad = 0;
  for (std::size_t i = 0; i < n; ++i) bad += numbers[i] - numbers[i] == 0.0f ? 0u : 1u;
  return bad == 0;
}

}  // namespace rostro
