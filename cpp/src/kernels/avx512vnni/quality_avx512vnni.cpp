#include <immintrin.h>

#include "kernels/levels.hpp"

namespace rostro::avx512vnni {

namespace {

__mmask32 first_lanes(int count) {
  return count < 32 ? static_cast<__mmask32>((1u << count) - 1) : 0xFFFFFFFFu;
}

__m512i wide_distance(const uint8_t* a, const uint8_t* b, __mmask32 there) {
  const __m256i x = _mm256_maskz_loadu_epi8(there, a), y = _mm256_maskz_loadu_epi8(there, b);
  return _mm512_cvtepu8_epi16(_mm256_or_si256(_mm256_subs_epu8(x, y), _mm256_subs_epu8(y, x)));
}

}  // namespace

// 16 pixels a step: their 48 bytes as four of each pixel, whose products vpdpbusd sums.
void luma_row(const uint8_t* row, int width, const uint8_t* weights, uint8_t* luma) {
  const __m512i factors = _mm512_set1_epi32(weights[0] | weights[1] << 8 | weights[2] << 16);
  const __m512i words = _mm512_setr_epi32(0, 1, 2, 2, 3, 4, 5, 5, 6, 7, 8, 8, 9, 10, 11, 11);
  const __m512i order =
      _mm512_broadcast_i32x4(_mm_setr_epi8(0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1));
  for (int x = 0; x < width; x += 16) {
    const int count = width - x < 16 ? width - x : 16;
    const auto bytes_there = static_cast<__mmask64>((1ull << (3 * count)) - 1);
    const __m512i bytes = _mm512_maskz_loadu_epi8(bytes_there, row + 3 * x);
    const __m512i pixels = _mm512_shuffle_epi8(_mm512_permutexvar_epi32(words, bytes), order);
    const __m512i sums = _mm512_dpbusd_epi32(_mm512_set1_epi32(64), pixels, factors);
    const auto there = static_cast<__mmask16>((1u << count) - 1);
    _mm512_mask_cvtepi32_storeu_epi8(luma + x, there, _mm512_srli_epi32(sums, 7));
  }
}

void variation_row(const uint8_t* a, const uint8_t* b, const uint8_t* c, const uint8_t* d, int n,
                   uint32_t* sums) {
  const __m512i ones = _mm512_set1_epi16(1);
  __m512i sharp_sums = _mm512_setzero_si512(), lost_sums = sharp_sums;
  for (int i = 0; i < n; i += 32) {
    const __mmask32 there = first_lanes(n - i);
    const __m512i near = wide_distance(a + i, b + i, there);
    const __m512i sharp = _mm512_add_epi16(near, _mm512_slli_epi16(near, 3));
    const __m512i lost = _mm512_subs_epu16(sharp, wide_distance(c + i, d + i, there));
    sharp_sums = _mm512_dpwssd_epi32(sharp_sums, sharp, ones);
    lost_sums = _mm512_dpwssd_epi32(lost_sums, lost, ones);
  }
  sums[0] += static_cast<uint32_t>(_mm512_reduce_add_epi32(sharp_sums));
  sums[1] += static_cast<uint32_t>(_mm512_reduce_add_epi32(lost_sums));
}

void step_row(const uint8_t* a, const uint8_t* b, const uint8_t* c, const uint8_t* d, int n,
              uint16_t* steps) {
  for (int i = 0; i < n; i += 32) {
    const __mmask32 there = first_lanes(n - i);
    const __m512i step = wide_distance(b + i, c + i, there);
    const __m512i around =
        _mm512_add_epi16(wide_distance(a + i, b + i, there), wide_distance(c + i, d + i, there));
    const __m512i more = _mm512_subs_epu16(_mm512_add_epi16(step, step), around);
    const __m512i before = _mm512_maskz_loadu_epi16(there, steps + i);
    _mm512_mask_storeu_epi16(steps + i, there, _mm512_add_epi16(before, more));
  }
}

}  // namespace rostro::avx512vnni
