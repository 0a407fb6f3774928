#include <immintrin.h>

#include "kernels/levels.hpp"

namespace rostro::avx2 {

namespace {

// Few scores of a map reach the threshold: 32 are compared at a time, and one branch skips them if
// none does. Those that do are taken bit by bit from the mask.

template <typename Take>
void for_each_bit(unsigned mask, const Take& take) {
  for (; mask != 0; mask &= mask - 1) take(static_cast<size_t>(__builtin_ctz(mask)));
}

unsigned reaches(__m256 values, __m256 limit) {
  return static_cast<unsigned>(_mm256_movemask_ps(_mm256_cmp_ps(values, limit, _CMP_GE_OQ)));
}

/// To 0..1; max returns its second operand when the first is NaN.
__m256 clamp_score(__m256 score) {
  return _mm256_min_ps(_mm256_max_ps(score, _mm256_setzero_ps()), _mm256_set1_ps(1.0f));
}

}  // namespace

size_t select_scores(const float* scores, size_t n, float threshold, uint32_t* indices) {
  const __m256 limit = _mm256_set1_ps(threshold);
  size_t count = 0;
  size_t i = 0;
  for (; i + 32 <= n; i += 32) {
    unsigned mask = 0;
    for (size_t part = 0; part < 4; ++part) {
      mask |= reaches(_mm256_loadu_ps(scores + i + 8 * part), limit) << (8 * part);
    }
    for_each_bit(mask, [&](size_t bit) { indices[count++] = static_cast<uint32_t>(i + bit); });
  }
  const size_t rest = scalar::select_scores(scores + i, n - i, threshold, indices + count);
  for (size_t k = 0; k < rest; ++k) indices[count + k] += static_cast<uint32_t>(i);
  return count + rest;
}

// The square root is taken of every score: comparing squares instead would round differently.
size_t select_products(const float* cls, const float* obj, size_t n, float threshold,
                       uint32_t* indices, float* scores) {
  const __m256 limit = _mm256_set1_ps(threshold);
  size_t count = 0;
  size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    const __m256 score = _mm256_sqrt_ps(_mm256_mul_ps(clamp_score(_mm256_loadu_ps(cls + i)),
                                                      clamp_score(_mm256_loadu_ps(obj + i))));
    const unsigned mask = reaches(score, limit);
    if (mask == 0) continue;
    float lanes[8];
    _mm256_storeu_ps(lanes, score);
    for_each_bit(mask, [&](size_t bit) {
      indices[count] = static_cast<uint32_t>(i + bit);
      scores[count] = lanes[bit];
      ++count;
    });
  }
  const size_t rest =
      scalar::select_products(cls + i, obj + i, n - i, threshold, indices + count, scores + count);
  for (size_t k = 0; k < rest; ++k) indices[count + k] += static_cast<uint32_t>(i);
  return count + rest;
}

}  // namespace rostro::avx2
