#include <immintrin.h>

#include "kernels/levels.hpp"

namespace rostro::avx512vnni {

namespace {

// Few scores of a map reach the threshold: 64 are compared at a time, and one branch skips them if
// none does. The indices are compressed in a register, for vpcompressd to memory is microcode on
// Zen 4 (more than a hundred cycles); the store of a whole register is what kSelectPadding is for.

size_t append(__mmask16 mask, size_t i, uint32_t* indices) {
  const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const __m512i all = _mm512_add_epi32(lanes, _mm512_set1_epi32(static_cast<int>(i)));
  _mm512_storeu_si512(indices, _mm512_maskz_compress_epi32(mask, all));
  return static_cast<size_t>(__builtin_popcount(mask));
}

__mmask16 first_lanes(size_t count) {
  return static_cast<__mmask16>(count >= 16 ? 0xFFFF : (1u << count) - 1);
}

/// To 0..1; max returns its second operand when the first is NaN.
__m512 clamp_score(__m512 score) {
  return _mm512_min_ps(_mm512_max_ps(score, _mm512_setzero_ps()), _mm512_set1_ps(1.0f));
}

}  // namespace

size_t select_scores(const float* scores, size_t n, float threshold, uint32_t* indices) {
  const __m512 limit = _mm512_set1_ps(threshold);
  size_t count = 0;
  size_t i = 0;
  for (; i + 64 <= n; i += 64) {
    __mmask16 reaches[4];
    for (size_t part = 0; part < 4; ++part) {
      reaches[part] =
          _mm512_cmp_ps_mask(_mm512_loadu_ps(scores + i + 16 * part), limit, _CMP_GE_OQ);
    }
    if (((reaches[0] | reaches[1]) | (reaches[2] | reaches[3])) == 0) continue;
    for (size_t part = 0; part < 4; ++part) {
      count += append(reaches[part], i + 16 * part, indices + count);
    }
  }
  for (; i < n; i += 16) {
    const __mmask16 there = first_lanes(n - i);
    const __m512 values = _mm512_maskz_loadu_ps(there, scores + i);
    count += append(_mm512_mask_cmp_ps_mask(there, values, limit, _CMP_GE_OQ), i, indices + count);
  }
  return count;
}

// The square root is taken of every score, 16 of them in some 13 cycles, about what the loads of
// two maps that are not in L1 cost: comparing squares instead would round differently.
size_t select_products(const float* cls, const float* obj, size_t n, float threshold,
                       uint32_t* indices, float* scores) {
  const __m512 limit = _mm512_set1_ps(threshold);
  size_t count = 0;
  for (size_t i = 0; i < n; i += 16) {
    const __mmask16 there = first_lanes(n - i);
    const __m512 product = _mm512_mul_ps(clamp_score(_mm512_maskz_loadu_ps(there, cls + i)),
                                         clamp_score(_mm512_maskz_loadu_ps(there, obj + i)));
    const __m512 score = _mm512_sqrt_ps(product);
    const __mmask16 reaches = _mm512_mask_cmp_ps_mask(there, score, limit, _CMP_GE_OQ);
    if (reaches == 0) continue;
    _mm512_storeu_ps(scores + count, _mm512_maskz_compress_ps(reaches, score));
    count += append(reaches, i, indices + count);
  }
  return count;
}

}  // namespace rostro::avx512vnni
