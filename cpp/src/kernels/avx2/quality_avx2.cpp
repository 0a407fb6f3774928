#include <immintrin.h>

#include "kernels/levels.hpp"

namespace rostro::avx2 {

namespace {

__m128i load(const uint8_t* from) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
}

__m128i distance(const uint8_t* a, const uint8_t* b) {
  const __m128i x = load(a), y = load(b);
  return _mm_or_si128(_mm_subs_epu8(x, y), _mm_subs_epu8(y, x));
}

__m256i wide_distance(const uint8_t* a, const uint8_t* b) {
  return _mm256_cvtepu8_epi16(distance(a, b));
}

/// Two blocks of 16 bytes, one in each lane.
__m256i load_lanes(const uint8_t* low, const uint8_t* high) {
  return _mm256_inserti128_si256(_mm256_castsi128_si256(load(low)), load(high), 1);
}

/// Zeros, then ones: from 16 - n on, n lanes at the end are ones.
alignas(32) constexpr uint8_t kLast[32] = {
    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,
    0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};

/// 16 pixels: each as four bytes, the fourth with the weight 0, so that two additions of pairs make
/// a sum. The last load ends with the 48th byte.
void luma_of_16(const uint8_t* row, __m256i weights, uint8_t* luma) {
  const __m256i order = _mm256_broadcastsi128_si256(
      _mm_setr_epi8(0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1));
  const __m256i order_at_end =
      _mm256_setr_epi8(0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1, 4, 5, 6, -1, 7, 8, 9,
                       -1, 10, 11, 12, -1, 13, 14, 15, -1);
  const __m256i first = _mm256_shuffle_epi8(load_lanes(row, row + 12), order);
  const __m256i second = _mm256_shuffle_epi8(load_lanes(row + 24, row + 32), order_at_end);
  const __m256i sums = _mm256_hadd_epi16(_mm256_maddubs_epi16(first, weights),
                                         _mm256_maddubs_epi16(second, weights));
  const __m256i rounded = _mm256_srli_epi16(_mm256_add_epi16(sums, _mm256_set1_epi16(64)), 7);
  // Pixels 0 to 3, 8 to 11 | 4 to 7, 12 to 15, four bytes each after the pack.
  const __m128i bytes =
      _mm_packus_epi16(_mm256_castsi256_si128(rounded), _mm256_extracti128_si256(rounded, 1));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(luma), _mm_shuffle_epi32(bytes, 0xD8));
}

}  // namespace

void luma_row(const uint8_t* row, int width, const uint8_t* weights, uint8_t* luma) {
  if (width < 16) return scalar::luma_row(row, width, weights, luma);
  const __m256i factors = _mm256_set1_epi32(weights[0] | weights[1] << 8 | weights[2] << 16);
  for (int x = 0; x < width - 16; x += 16) luma_of_16(row + 3 * x, factors, luma + x);
  luma_of_16(row + 3 * (width - 16), factors, luma + width - 16);  // may overlap those before
}

void variation_row(const uint8_t* a, const uint8_t* b, const uint8_t* c, const uint8_t* d, int n,
                   uint32_t* sums) {
  if (n < 16) return scalar::variation_row(a, b, c, d, n, sums);
  const __m256i ones = _mm256_set1_epi16(1);
  __m256i sharp_sums = _mm256_setzero_si256(), lost_sums = sharp_sums;
  const auto add = [&](int i, __m256i kept) {
    const __m256i near = _mm256_and_si256(wide_distance(a + i, b + i), kept);
    const __m256i sharp = _mm256_add_epi16(near, _mm256_slli_epi16(near, 3));
    const __m256i lost = _mm256_subs_epu16(sharp, wide_distance(c + i, d + i));
    sharp_sums = _mm256_add_epi32(sharp_sums, _mm256_madd_epi16(sharp, ones));
    lost_sums = _mm256_add_epi32(lost_sums, _mm256_madd_epi16(lost, ones));
  };
  const __m256i all = _mm256_set1_epi16(-1);
  int i = 0;
  for (; i + 16 <= n; i += 16) add(i, all);
  if (i < n) add(n - 16, _mm256_cvtepi8_epi16(load(kLast + (n - i))));
  const __m256i pairs = _mm256_hadd_epi32(sharp_sums, lost_sums);
  const __m256i fours = _mm256_hadd_epi32(pairs, pairs);
  const __m128i both =
      _mm_add_epi32(_mm256_castsi256_si128(fours), _mm256_extracti128_si256(fours, 1));
  sums[0] += static_cast<uint32_t>(_mm_cvtsi128_si32(both));
  sums[1] += static_cast<uint32_t>(_mm_extract_epi32(both, 1));
}

void step_row(const uint8_t* a, const uint8_t* b, const uint8_t* c, const uint8_t* d, int n,
              uint16_t* steps) {
  int i = 0;
  for (; i + 16 <= n; i += 16) {
    const __m256i step = wide_distance(b + i, c + i);
    const __m256i around =
        _mm256_add_epi16(wide_distance(a + i, b + i), wide_distance(c + i, d + i));
    const __m256i more = _mm256_subs_epu16(_mm256_add_epi16(step, step), around);
    auto* to = reinterpret_cast<__m256i*>(steps + i);
    _mm256_storeu_si256(to, _mm256_add_epi16(_mm256_loadu_si256(to), more));
  }
  if (i < n) scalar::step_row(a + i, b + i, c + i, d + i, n - i, steps + i);
}

}  // namespace rostro::avx2
