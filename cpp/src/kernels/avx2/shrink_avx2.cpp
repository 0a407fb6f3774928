#include <immintrin.h>

#include "kernels/levels.hpp"

namespace rostro::avx2 {

namespace {

// shrink_rows: the rows' sums as they lie, three channels mixed; then the sums of neighbours, by
// loads that lie 3 words apart, so that a pixel is three words of a register; only these are
// sorted. To sort the sums of all pixels, as resample_row wants them, takes a permutation across
// halves, and its own sums vphaddd: 8 operations each on Zen. Rows add in pairs: their bytes
// interleaved, vpmaddubsw by ones. llvm-mca 19 for 8 outputs of factor 3, znver1 / haswell: 38 / 35
// cycles, of which resample_row's part is 20 / 21 instead of 27 / 22 (it takes vphaddd for one
// operation); a whole frame of 1080p took 1.6 to 1.9 times as long on a Sapphire Rapids.

/// The next rows; see letterbox_avx2.cpp.
void prefetch(const uint8_t* const* rows, int taps, ptrdiff_t at) {
  for (int j = 0; j < taps; ++j) {
    _mm_prefetch(reinterpret_cast<const char*>(rows[j]) + at, _MM_HINT_T0);
  }
}

constexpr int kShrunk = 64;  // outputs a step: what a step sums lies in the L1 cache

/// The sums of 32 bytes of each row, in their order.
template <int kFactor>
void sum_bytes(const uint8_t* const* rows, ptrdiff_t at, int16_t* sums) {
  const auto load = [=](int j) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(rows[j] + at));
  };
  const __m256i ones = _mm256_set1_epi8(1), zero = _mm256_setzero_si256();
  __m256i a = load(0), b = load(1);
  __m256i low = _mm256_maddubs_epi16(_mm256_unpacklo_epi8(a, b), ones);
  __m256i high = _mm256_maddubs_epi16(_mm256_unpackhi_epi8(a, b), ones);
  if (kFactor == 3) {
    a = load(kFactor - 1);
    low = _mm256_add_epi16(low, _mm256_unpacklo_epi8(a, zero));
    high = _mm256_add_epi16(high, _mm256_unpackhi_epi8(a, zero));
  } else if (kFactor == 4) {
    a = load(kFactor - 2);
    b = load(kFactor - 1);
    low = _mm256_add_epi16(low, _mm256_maddubs_epi16(_mm256_unpacklo_epi8(a, b), ones));
    high = _mm256_add_epi16(high, _mm256_maddubs_epi16(_mm256_unpackhi_epi8(a, b), ones));
  }
  auto* to = reinterpret_cast<__m128i*>(sums);
  _mm_storeu_si128(to, _mm256_castsi256_si128(low));
  _mm_storeu_si128(to + 1, _mm256_castsi256_si128(high));
  _mm_storeu_si128(to + 2, _mm256_extracti128_si256(low, 1));
  _mm_storeu_si128(to + 3, _mm256_extracti128_si256(high, 1));
}

/// One pixel of the result, its three channels in front.
template <int kFactor>
__m128i sum_pixels(const int16_t* sums) {
  __m128i sum = _mm_loadu_si128(reinterpret_cast<const __m128i*>(sums));
  for (int i = 1; i < kFactor; ++i) {
    sum = _mm_add_epi16(sum, _mm_loadu_si128(reinterpret_cast<const __m128i*>(sums + 3 * i)));
  }
  return sum;
}

struct FourPixels {
  __m128i first_two, third;  ///< channels
};

template <int kFactor>
FourPixels sum_four(const int16_t* sums) {
  __m128i p[4];
  for (int x = 0; x < 4; ++x) p[x] = sum_pixels<kFactor>(sums + 3 * kFactor * x);
  const __m128i a = _mm_unpacklo_epi16(p[0], p[1]), b = _mm_unpacklo_epi16(p[2], p[3]);
  return {_mm_unpacklo_epi32(a, b), _mm_unpackhi_epi32(a, b)};
}

/// At least 8 outputs; the last 8 of a step may overlap those before them.
template <int kFactor>
void shrink_width(const uint8_t* const* rows, int width, ptrdiff_t ahead, const float* scale,
                  const float* bias, float* const* out) {
  alignas(32) int16_t sums[3 * kFactor * kShrunk + 16];
  const uint8_t* from[kFactor];
  for (int j = 0; j < kFactor; ++j) from[j] = rows[j];
  float* const to[3] = {out[0], out[1], out[2]};
  __m256 factors[3], terms[3];
  for (int c = 0; c < 3; ++c) {
    factors[c] = _mm256_set1_ps(scale[c]);
    terms[c] = _mm256_set1_ps(bias[c]);
  }
  for (int begin = 0; begin < width;) {
    const int left = width - begin;
    // Not less than 8 may be left for the last step.
    const int count = left <= kShrunk ? left : left < kShrunk + 8 ? kShrunk - 8 : kShrunk;
    const ptrdiff_t bytes = static_cast<ptrdiff_t>(3) * kFactor * count;
    ptrdiff_t at = 0;
    for (; at + 64 <= bytes; at += 64) {
      prefetch(from, kFactor, at + ahead);
      sum_bytes<kFactor>(from, at, sums + at);
      sum_bytes<kFactor>(from, at + 32, sums + at + 32);
    }
    for (; at < bytes; at += 32) {
      const ptrdiff_t last = at + 32 <= bytes ? at : bytes - 32;
      sum_bytes<kFactor>(from, last, sums + last);
    }
    for (const uint8_t*& row : from) row += bytes;
    for (int x = 0;;) {
      const int16_t* block = sums + 3 * kFactor * x;
      const FourPixels low = sum_four<kFactor>(block);
      const FourPixels high = sum_four<kFactor>(block + 12 * kFactor);
      const __m128i channels[3] = {_mm_unpacklo_epi64(low.first_two, high.first_two),
                                   _mm_unpackhi_epi64(low.first_two, high.first_two),
                                   _mm_unpacklo_epi64(low.third, high.third)};
      for (int c = 0; c < 3; ++c) {
        const __m256 value = _mm256_cvtepi32_ps(_mm256_cvtepi16_epi32(channels[c]));
        _mm256_storeu_ps(to[c] + begin + x,
                         _mm256_add_ps(_mm256_mul_ps(value, factors[c]), terms[c]));
      }
      if (x == count - 8) break;
      x = x + 8 < count - 8 ? x + 8 : count - 8;
    }
    begin += count;
  }
}

}  // namespace

void shrink_rows(const uint8_t* const* rows, int factor, int width, ptrdiff_t ahead,
                 const float* scale, const float* bias, float* const* out) {
  if (width < 8) return scalar::shrink_rows(rows, factor, width, ahead, scale, bias, out);
  if (factor == 2) return shrink_width<2>(rows, width, ahead, scale, bias, out);
  if (factor == 3) return shrink_width<3>(rows, width, ahead, scale, bias, out);
  shrink_width<4>(rows, width, ahead, scale, bias, out);
}

}  // namespace rostro::avx2
