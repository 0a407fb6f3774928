#include <immintrin.h>

#include "kernels/levels.hpp"

namespace rostro::avx2 {

namespace {

// blend_rows: 16 pixels of three channels are 48 bytes, three registers of words. AVX2 has no
// shuffle of words across its 128-bit lanes, so each lane is made to hold 8 pixels first (two
// blends, one permutation); then the words of a channel lie at different places in the three
// registers, two blends collect them and one vpshufb sorts them: 12 operations, 5 of them shuffles.

__m256i load_words(const uint8_t* bytes) {
  return _mm256_cvtepu8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes)));
}

/// Blends bytes [at, at + 16 kParts) of the rows. No weights: the sum.
template <int kParts, bool kWeighted>
void blend(const uint8_t* const* rows, const int16_t* weights, int taps, ptrdiff_t at,
           __m256i* blended) {
  __m256i first[kParts];
  for (int part = 0; part < kParts; ++part) {
    first[part] = load_words(rows[0] + at + 16 * part);
    blended[part] = kWeighted ? _mm256_slli_epi16(first[part], 7) : first[part];
  }
  for (int j = 1; j < taps; ++j) {
    const __m256i weight = _mm256_set1_epi16(kWeighted ? weights[j] : 0);
    for (int part = 0; part < kParts; ++part) {
      const __m256i pixel = load_words(rows[j] + at + 16 * part);
      if (!kWeighted) {
        blended[part] = _mm256_add_epi16(blended[part], pixel);
        continue;
      }
      const __m256i difference = _mm256_slli_epi16(_mm256_sub_epi16(pixel, first[part]), 7);
      blended[part] = _mm256_adds_epi16(blended[part], _mm256_mulhrs_epi16(difference, weight));
    }
  }
}

/// A frame that comes from memory is read about 1.5 times as fast with the next rows prefetched:
/// every row begins a new stream for the CPU's own prefetcher.
void prefetch(const uint8_t* const* rows, int taps, ptrdiff_t at) {
  for (int j = 0; j < taps; ++j) {
    _mm_prefetch(reinterpret_cast<const char*>(rows[j]) + at, _MM_HINT_T0);
  }
}

/// A vpshufb order from an order of words, for both lanes.
__m256i word_order(int w0, int w1, int w2, int w3, int w4, int w5, int w6, int w7) {
  const __m128i words =
      _mm_setr_epi16(static_cast<int16_t>(w0 * 0x202), static_cast<int16_t>(w1 * 0x202),
                     static_cast<int16_t>(w2 * 0x202), static_cast<int16_t>(w3 * 0x202),
                     static_cast<int16_t>(w4 * 0x202), static_cast<int16_t>(w5 * 0x202),
                     static_cast<int16_t>(w6 * 0x202), static_cast<int16_t>(w7 * 0x202));
  return _mm256_broadcastsi128_si256(_mm_add_epi16(words, _mm_set1_epi16(0x100)));
}

void store_words(int16_t* to, __m256i words) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), words);
}

template <bool kWeighted>
void blend_color(const uint8_t* const* rows, const int16_t* weights, int taps, int x,
                 int16_t* const* planes) {
  __m256i blended[3];
  blend<3, kWeighted>(rows, weights, taps, 3 * static_cast<ptrdiff_t>(x), blended);
  const __m256i a = _mm256_blend_epi32(blended[0], blended[1], 0xF0);
  const __m256i b = _mm256_permute2x128_si256(blended[0], blended[2], 0x21);
  const __m256i c = _mm256_blend_epi32(blended[1], blended[2], 0xF0);
  const __m256i first = _mm256_blend_epi16(_mm256_blend_epi16(a, b, 0x92), c, 0x24);
  const __m256i second = _mm256_blend_epi16(_mm256_blend_epi16(a, b, 0x24), c, 0x49);
  const __m256i third = _mm256_blend_epi16(_mm256_blend_epi16(a, b, 0x49), c, 0x92);
  store_words(planes[0] + x, _mm256_shuffle_epi8(first, word_order(0, 3, 6, 1, 4, 7, 2, 5)));
  store_words(planes[1] + x, _mm256_shuffle_epi8(second, word_order(1, 4, 7, 2, 5, 0, 3, 6)));
  store_words(planes[2] + x, _mm256_shuffle_epi8(third, word_order(2, 5, 0, 3, 6, 1, 4, 7)));
}

template <bool kWeighted>
void blend_gray(const uint8_t* const* rows, const int16_t* weights, int taps, int x,
                int16_t* plane) {
  __m256i blended[1];
  blend<1, kWeighted>(rows, weights, taps, x, blended);
  store_words(plane + x, blended[0]);
}

/// `kTaps` rows, so that the compiler unrolls the loop over them; any number where it is 0. The
/// last 16 pixels may overlap those before them. At least 16 pixels.
template <int kTaps, bool kWeighted>
void blend_width(const uint8_t* const* rows, const int16_t* weights, int taps, int width,
                 int channels, ptrdiff_t ahead, int16_t* const* planes) {
  const int count = kTaps == 0 ? taps : kTaps;
  const int last = width - 16;
  if (channels == 3) {
    for (int x = 0; x < last; x += 16) {
      prefetch(rows, count, 3 * static_cast<ptrdiff_t>(x) + ahead);
      blend_color<kWeighted>(rows, weights, count, x, planes);
    }
    blend_color<kWeighted>(rows, weights, count, last, planes);
  } else {
    for (int x = 0; x < last; x += 16) {
      prefetch(rows, count, x + ahead);
      blend_gray<kWeighted>(rows, weights, count, x, planes[0]);
    }
    blend_gray<kWeighted>(rows, weights, count, last, planes[0]);
  }
}

// resample_row: the taps of 4 outputs of 2 taps, or of 2 outputs of 4, lie within 8 pixels, that is
// a lane, from which one vpshufb fetches them. The orders of bytes are made from `first` and serve
// three planes. With more taps a lane is an output's own pixels. No gathers: they cost about three
// times as much on Zen.

struct Sums {
  __m256i plane[3];
};

/// Eight outputs.
struct Block {
  const int32_t* first;
  const int16_t* weights;
  ptrdiff_t pair_stride;  ///< words from one pair of taps to the next in `weights`

  __m256i pair(int t) const {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(weights + t / 2 * pair_stride));
  }
};

/// The 8 pixels from `low` on and those from `high` on.
__m256i load_lanes(const int16_t* plane, int low, int high) {
  const __m128i first = _mm_loadu_si128(reinterpret_cast<const __m128i*>(plane + low));
  const __m128i second = _mm_loadu_si128(reinterpret_cast<const __m128i*>(plane + high));
  return _mm256_inserti128_si256(_mm256_castsi128_si256(first), second, 1);
}

__m256i both_lanes(__m128i lane) { return _mm256_broadcastsi128_si256(lane); }

struct TwoTapSum {
  Sums operator()(const int16_t* const* planes, const Block& block, int) const {
    const __m256i first = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(block.first));
    const __m256i offset = _mm256_sub_epi32(first, _mm256_shuffle_epi32(first, 0x00));
    const __m256i spread =
        both_lanes(_mm_setr_epi8(0, 0, 0, 0, 4, 4, 4, 4, 8, 8, 8, 8, 12, 12, 12, 12));
    const __m256i order =
        _mm256_add_epi8(_mm256_shuffle_epi8(_mm256_add_epi32(offset, offset), spread),
                        _mm256_set1_epi32(0x03020100));
    const int low = block.first[0];
    const int high = block.first[4];
    Sums sums;
    for (int c = 0; c < 3; ++c) {
      const __m256i pixels = _mm256_shuffle_epi8(load_lanes(planes[c], low, high), order);
      sums.plane[c] = _mm256_madd_epi16(pixels, block.pair(0));
    }
    return sums;
  }
};

struct FourTapSum {
  Sums operator()(const int16_t* const* planes, const Block& block, int) const {
    const __m256i first = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(block.first));
    const __m256i offset = _mm256_sub_epi32(first, _mm256_shuffle_epi32(first, 0xA0));
    const __m256i bytes = _mm256_add_epi32(offset, offset);
    const __m256i rising = _mm256_set1_epi64x(0x0706050403020100);
    const __m256i even = both_lanes(_mm_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 4, 4, 4, 4, 4, 4, 4, 4));
    const __m256i odd =
        both_lanes(_mm_setr_epi8(8, 8, 8, 8, 8, 8, 8, 8, 12, 12, 12, 12, 12, 12, 12, 12));
    // Outputs 0 1 | 4 5 and 2 3 | 6 7: the order in which vphaddd puts the sums right.
    const __m256i order_a = _mm256_add_epi8(_mm256_shuffle_epi8(bytes, even), rising);
    const __m256i order_b = _mm256_add_epi8(_mm256_shuffle_epi8(bytes, odd), rising);
    const __m256i weights_a = _mm256_unpacklo_epi32(block.pair(0), block.pair(2));
    const __m256i weights_b = _mm256_unpackhi_epi32(block.pair(0), block.pair(2));
    const int* f = block.first;
    const int f0 = f[0], f2 = f[2], f4 = f[4], f6 = f[6];
    Sums sums;
    for (int c = 0; c < 3; ++c) {
      const __m256i a = _mm256_shuffle_epi8(load_lanes(planes[c], f0, f4), order_a);
      const __m256i b = _mm256_shuffle_epi8(load_lanes(planes[c], f2, f6), order_b);
      sums.plane[c] =
          _mm256_hadd_epi32(_mm256_madd_epi16(a, weights_a), _mm256_madd_epi16(b, weights_b));
    }
    return sums;
  }
};

/// Eight taps of every output at a time; the weights of those that are not there are 0.
struct ManyTapSum {
  Sums operator()(const int16_t* const* planes, const Block& block, int taps) const {
    Sums sums{};
    for (int t = 0; t < taps; t += 8) {
      // Four pairs of eight outputs, turned to eight taps an output: outputs i | i + 4.
      const __m256i none = _mm256_setzero_si256();
      const __m256i p0 = block.pair(t);
      const __m256i p1 = t + 2 < taps ? block.pair(t + 2) : none;
      const __m256i p2 = t + 4 < taps ? block.pair(t + 4) : none;
      const __m256i p3 = t + 6 < taps ? block.pair(t + 6) : none;
      const __m256i low01 = _mm256_unpacklo_epi32(p0, p1), high01 = _mm256_unpackhi_epi32(p0, p1);
      const __m256i low23 = _mm256_unpacklo_epi32(p2, p3), high23 = _mm256_unpackhi_epi32(p2, p3);
      const __m256i weights[4] = {
          _mm256_unpacklo_epi64(low01, low23), _mm256_unpackhi_epi64(low01, low23),
          _mm256_unpacklo_epi64(high01, high23), _mm256_unpackhi_epi64(high01, high23)};
      for (int c = 0; c < 3; ++c) {
        __m256i products[4];
        for (int i = 0; i < 4; ++i) {
          const __m256i pixels = load_lanes(planes[c] + t, block.first[i], block.first[i + 4]);
          products[i] = _mm256_madd_epi16(pixels, weights[i]);
        }
        const __m256i sum = _mm256_hadd_epi32(_mm256_hadd_epi32(products[0], products[1]),
                                              _mm256_hadd_epi32(products[2], products[3]));
        sums.plane[c] = _mm256_add_epi32(sums.plane[c], sum);
      }
    }
    return sums;
  }
};

/// At least 8 outputs; the last 8 may overlap those before them.
template <typename Sum>
void resample_width(const int16_t* const* planes, const ColumnTaps& taps, int width,
                    const float* scale, const float* bias, float* const* out, const Sum& sum) {
  // Copies, for the compiler has to assume that a store to `out` changes what it points to.
  const int16_t* const from[3] = {planes[0], planes[1], planes[2]};
  float* const to[3] = {out[0], out[1], out[2]};
  const __m256 factors[3] = {_mm256_set1_ps(scale[0]), _mm256_set1_ps(scale[1]),
                             _mm256_set1_ps(scale[2])};
  const __m256 terms[3] = {_mm256_set1_ps(bias[0]), _mm256_set1_ps(bias[1]),
                           _mm256_set1_ps(bias[2])};
  const int count = taps.taps;
  const int32_t* const first = taps.first;
  const int16_t* const weights = taps.weights;
  const ptrdiff_t pair_stride = 2 * static_cast<ptrdiff_t>(taps.stride);
  for (int x = 0;;) {
    const Sums sums = sum(from, {first + x, weights + 2 * x, pair_stride}, count);
    for (int c = 0; c < 3; ++c) {
      const __m256 value = _mm256_cvtepi32_ps(sums.plane[c]);
      _mm256_storeu_ps(to[c] + x, _mm256_add_ps(_mm256_mul_ps(value, factors[c]), terms[c]));
    }
    if (x == width - 8) return;
    x = x + 8 < width - 8 ? x + 8 : width - 8;
  }
}

}  // namespace

void blend_rows(const uint8_t* const* rows, const int16_t* weights, int taps, int width,
                int channels, ptrdiff_t ahead, int16_t* const* planes) {
  if (width < 16) return scalar::blend_rows(rows, weights, taps, width, channels, ahead, planes);
  switch (taps) {
    case 1:
      return blend_width<1, true>(rows, weights, taps, width, channels, ahead, planes);
    case 2:
      return blend_width<2, true>(rows, weights, taps, width, channels, ahead, planes);
    case 3:
      return blend_width<3, true>(rows, weights, taps, width, channels, ahead, planes);
    default:
      return blend_width<0, true>(rows, weights, taps, width, channels, ahead, planes);
  }
}

void sum_rows(const uint8_t* const* rows, int taps, int width, int channels, ptrdiff_t ahead,
              int16_t* const* planes) {
  if (width < 16) return scalar::sum_rows(rows, taps, width, channels, ahead, planes);
  switch (taps) {
    case 2:
      return blend_width<2, false>(rows, nullptr, taps, width, channels, ahead, planes);
    case 3:
      return blend_width<3, false>(rows, nullptr, taps, width, channels, ahead, planes);
    default:
      return blend_width<0, false>(rows, nullptr, taps, width, channels, ahead, planes);
  }
}

void resample_row(const int16_t* const* planes, const ColumnTaps& taps, int width,
                  const float* scale, const float* bias, float* const* out) {
  if (width < 8) return scalar::resample_row(planes, taps, width, scale, bias, out);
  if (taps.taps == 2) {
    resample_width(planes, taps, width, scale, bias, out, TwoTapSum());
  } else if (taps.taps == 4) {
    resample_width(planes, taps, width, scale, bias, out, FourTapSum());
  } else {
    resample_width(planes, taps, width, scale, bias, out, ManyTapSum());
  }
}

}  // namespace rostro::avx2
