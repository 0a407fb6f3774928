#include <immintrin.h>

#include "kernels/levels.hpp"

namespace rostro::avx2 {

// normalize_row: 8 pixels a step, 4 in each lane; one vpshufb a channel makes doublewords of its
// bytes. With 14 operations for 8 pixels it is bound by its stores.
void normalize_row(const uint8_t* row, int width, const float* scale, const float* bias,
                   float* const* planes) {
  if (width < 8) return scalar::normalize_row(row, width, scale, bias, planes);
  // The second lane is loaded 4 bytes early, so that nothing is read past the row.
  const __m256i first =
      _mm256_setr_epi8(0, -1, -1, -1, 3, -1, -1, -1, 6, -1, -1, -1, 9, -1, -1, -1,  //
                       4, -1, -1, -1, 7, -1, -1, -1, 10, -1, -1, -1, 13, -1, -1, -1);
  // Copies, for the compiler has to assume that a store to a plane changes what it points to.
  struct Channel {
    __m256i order;
    __m256 factor, term;
    float* to;
  };
  // c is added to the low byte of each doubleword alone.
  const auto channel = [&](int c) -> Channel {
    return {_mm256_add_epi8(first, _mm256_set1_epi32(c)), _mm256_set1_ps(scale[c]),
            _mm256_set1_ps(bias[c]), planes[c]};
  };
  const Channel a = channel(0), b = channel(1), c = channel(2);
  for (int x = 0;;) {
    const __m128i* bytes = reinterpret_cast<const __m128i*>(row + 3 * x);
    const __m128i* late = reinterpret_cast<const __m128i*>(row + 3 * x + 8);
    const __m256i lanes = _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128(bytes)),
                                                  _mm_loadu_si128(late), 1);
    const auto store = [&](const Channel& of) {
      const __m256 value = _mm256_cvtepi32_ps(_mm256_shuffle_epi8(lanes, of.order));
      _mm256_storeu_ps(of.to + x, _mm256_add_ps(_mm256_mul_ps(value, of.factor), of.term));
    };
    store(a);
    store(b);
    store(c);
    if (x == width - 8) return;
    x = x + 8 < width - 8 ? x + 8 : width - 8;
  }
}

}  // namespace rostro::avx2
