#include <math.h>

#include "kernels/levels.hpp"

namespace rostro::scalar {

namespace {

/// To 0..1; the comparisons are so written that NaN becomes 0.
float clamp_score(float score) { return score > 0.0f ? (score < 1.0f ? score : 1.0f) : 0.0f; }

}  // namespace

size_t select_scores(const float* scores, size_t n, float threshold, uint32_t* indices) {
  size_t count = 0;
  for (size_t i = 0; i < n; ++i) {
    if (scores[i] >= threshold) {
      indices[count++] = static_cast<uint32_t>(i);
    }
  }
  return count;
}

size_t select_products(const float* cls, const float* obj, size_t n, float threshold,
                       uint32_t* indices, float* scores) {
  size_t count = 0;
  for (size_t i = 0; i < n; ++i) {
    const float score = sqrtf(clamp_score(cls[i]) * clamp_score(obj[i]));
    if (score >= threshold) {
      indices[count] = static_cast<uint32_t>(i);
      scores[count] = score;
      ++count;
    }
  }
  return count;
}

}  // namespace rostro::scalar
