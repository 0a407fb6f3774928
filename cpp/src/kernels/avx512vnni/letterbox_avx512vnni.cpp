#include <immintrin.h>

#include "kernels/levels.hpp"

namespace rostro::avx512vnni {

namespace {

// blend_rows: 32 pixels of three channels are 96 bytes, three registers of words. A tap costs five
// operations a register (load and widen, subtract, shift, vpmulhrsw, saturating add), the split
// into planes two vpermt2w a plane. At 3 taps these are 45 operations for 96 bytes, 15 of them
// shuffles that only two of the four vector pipes take. A sum needs but two operations a tap: 24,
// in about the time in which the frame's bytes come from L3.

/// Where channel c of 32 pixels lies in three registers of 32 interleaved words: `near` takes what
/// is in the first two, `far` adds what is in the third.
struct SplitIndices {
  alignas(64) int16_t near[3][32];
  alignas(64) int16_t far[3][32];
};

constexpr SplitIndices split_indices() {
  SplitIndices indices{};
  for (int c = 0; c < 3; ++c) {
    for (int x = 0; x < 32; ++x) {
      const int word = 3 * x + c;
      indices.near[c][x] = static_cast<int16_t>(word < 64 ? word : 0);
      indices.far[c][x] = static_cast<int16_t>(word < 64 ? x : 32 + word - 64);
    }
  }
  return indices;
}

constexpr SplitIndices kSplit = split_indices();

/// A mask for the first `count` of 32 bytes.
__mmask32 first_bytes(int count) { return count >= 32 ? ~0u : count <= 0 ? 0u : (1u << count) - 1; }

template <bool kWhole>
__m512i load_words(const uint8_t* bytes, __mmask32 mask) {
  return _mm512_cvtepu8_epi16(kWhole ? _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes))
                                     : _mm256_maskz_loadu_epi8(mask, bytes));
}

/// Blends bytes [at, at + 32 kParts) of the rows, or `left` of them where not kWhole. No weights:
/// the sum.
template <int kParts, bool kWhole, bool kWeighted>
void blend(const uint8_t* const* rows, const int16_t* weights, int taps, ptrdiff_t at, int left,
           __m512i* blended) {
  __m512i first[kParts];
  __mmask32 masks[kParts];
  for (int part = 0; part < kParts; ++part) {
    masks[part] = kWhole ? ~0u : first_bytes(left - 32 * part);
    first[part] = load_words<kWhole>(rows[0] + at + 32 * part, masks[part]);
    blended[part] = kWeighted ? _mm512_slli_epi16(first[part], 7) : first[part];
  }
  for (int j = 1; j < taps; ++j) {
    const __m512i weight = _mm512_set1_epi16(kWeighted ? weights[j] : 0);
    for (int part = 0; part < kParts; ++part) {
      const __m512i pixel = load_words<kWhole>(rows[j] + at + 32 * part, masks[part]);
      if (!kWeighted) {
        blended[part] = _mm512_add_epi16(blended[part], pixel);
        continue;
      }
      const __m512i difference = _mm512_slli_epi16(_mm512_sub_epi16(pixel, first[part]), 7);
      blended[part] = _mm512_adds_epi16(blended[part], _mm512_mulhrs_epi16(difference, weight));
    }
  }
}

/// A frame that comes from memory is read about 1.5 times as fast with the next rows prefetched:
/// every row begins a new stream for the CPU's own prefetcher.
void prefetch(const uint8_t* const* rows, int taps, ptrdiff_t at, int bytes) {
  for (int j = 0; j < taps; ++j) {
    for (int line = 0; line < bytes; line += 64) {
      _mm_prefetch(reinterpret_cast<const char*>(rows[j]) + at + line, _MM_HINT_T0);
    }
  }
}

template <bool kWhole, bool kWeighted>
void blend_color(const uint8_t* const* rows, const int16_t* weights, int taps, int x, int width,
                 int16_t* const* planes) {
  __m512i blended[3];
  blend<3, kWhole, kWeighted>(rows, weights, taps, 3 * static_cast<ptrdiff_t>(x), 3 * (width - x),
                              blended);
  for (int c = 0; c < 3; ++c) {
    const __m512i near =
        _mm512_permutex2var_epi16(blended[0], _mm512_load_si512(kSplit.near[c]), blended[1]);
    _mm512_storeu_si512(planes[c] + x, _mm512_permutex2var_epi16(
                                           near, _mm512_load_si512(kSplit.far[c]), blended[2]));
  }
}

template <bool kWhole, bool kWeighted>
void blend_gray(const uint8_t* const* rows, const int16_t* weights, int taps, int x, int width,
                int16_t* plane) {
  __m512i blended[1];
  blend<1, kWhole, kWeighted>(rows, weights, taps, x, width - x, blended);
  _mm512_storeu_si512(plane + x, blended[0]);
}

/// `kTaps` rows, so that the compiler unrolls the loop over them; any number where it is 0.
template <int kTaps, bool kWeighted>
void blend_width(const uint8_t* const* rows, const int16_t* weights, int taps, int width,
                 int channels, ptrdiff_t ahead, int16_t* const* planes) {
  const int count = kTaps == 0 ? taps : kTaps;
  int x = 0;
  if (channels == 3) {
    for (; x + 32 <= width; x += 32) {
      prefetch(rows, count, 3 * static_cast<ptrdiff_t>(x) + ahead, 96);
      blend_color<true, kWeighted>(rows, weights, count, x, width, planes);
    }
    if (x < width) blend_color<false, kWeighted>(rows, weights, count, x, width, planes);
  } else {
    for (; x + 32 <= width; x += 32) {
      prefetch(rows, count, x + ahead, 32);
      blend_gray<true, kWeighted>(rows, weights, count, x, width, planes[0]);
    }
    if (x < width) blend_gray<false, kWeighted>(rows, weights, count, x, width, planes[0]);
  }
}

// resample_row: the taps of 16 outputs lie within 64 pixels where taps <= 4 (s <= 3), those of 8
// outputs where taps <= 8 (s <= 7): two loads, then one vpermt2w fetches a pair of taps for each
// output. Indices and weights serve three planes. With more taps AVX2's loads of each output's own
// pixels are the fastest known: gathers took 2.7 times as long on Zen 5.

/// The tables of 16 outputs.
struct Block {
  const int32_t* first;
  const int16_t* weights;
  ptrdiff_t pair_stride;  ///< words from one pair of taps to the next in `weights`

  __m512i pair(int t) const { return _mm512_loadu_si512(weights + t / 2 * pair_stride); }
};

struct Sums {
  __m512i plane[3];
};

/// For 16 outputs: the word pairs of their first two taps, counted from `base`.
__m512i pair_indices(const int32_t* first, __m512i base) {
  const __m512i offset = _mm512_sub_epi32(_mm512_loadu_si512(first), base);
  const __m512i next = _mm512_add_epi32(offset, _mm512_set1_epi32(1));
  return _mm512_or_si512(offset, _mm512_slli_epi32(next, 16));
}

__m512i pick(const int16_t* window, __m512i indices) {
  return _mm512_permutex2var_epi16(_mm512_loadu_si512(window), indices,
                                   _mm512_loadu_si512(window + 32));
}

/// Keeps the compiler from loading a value again wherever it is used: loads bound these loops.
__m512i in_register(__m512i value) {
  __asm__("" : "+v"(value));
  return value;
}

/// kTaps: 2 or 4.
template <int kTaps>
struct NarrowSum {
  Sums operator()(const int16_t* const* planes, const Block& block, int) const {
    const int base = block.first[0];
    const __m512i indices = pair_indices(block.first, _mm512_set1_epi32(base));
    const __m512i next = _mm512_add_epi16(indices, _mm512_set1_epi16(2));
    const __m512i weights = in_register(block.pair(0));
    const __m512i next_weights = kTaps == 4 ? in_register(block.pair(2)) : weights;
    Sums sums;
    for (int c = 0; c < 3; ++c) {
      const int16_t* window = planes[c] + base;
      sums.plane[c] = _mm512_madd_epi16(pick(window, indices), weights);
      if (kTaps == 4) {
        sums.plane[c] = _mm512_dpwssd_epi32(sums.plane[c], pick(window, next), next_weights);
      }
    }
    return sums;
  }
};

/// Up to 8 taps: the lower and the upper eight outputs have a window each.
struct WideSum {
  Sums operator()(const int16_t* const* planes, const Block& block, int taps) const {
    const int low = block.first[0];
    const int high = block.first[8];
    __m512i indices = pair_indices(
        block.first, _mm512_inserti64x4(_mm512_set1_epi32(low), _mm256_set1_epi32(high), 1));
    Sums sums{};
    for (int t = 0; t < taps; t += 2) {
      for (int c = 0; c < 3; ++c) {
        const __m512i pixels = _mm512_mask_blend_epi64(0xF0, pick(planes[c] + low, indices),
                                                       pick(planes[c] + high, indices));
        sums.plane[c] = _mm512_dpwssd_epi32(sums.plane[c], pixels, block.pair(t));
      }
      indices = _mm512_add_epi16(indices, _mm512_set1_epi16(2));
    }
    return sums;
  }
};

template <typename Sum>
void resample_width(const int16_t* const* planes, const ColumnTaps& taps, int width,
                    const float* scale, const float* bias, float* const* out, const Sum& sum) {
  // Copies, for the compiler has to assume that a store to `out` changes what it points to.
  const int16_t* const from[3] = {planes[0], planes[1], planes[2]};
  float* const to[3] = {out[0], out[1], out[2]};
  const __m512 factors[3] = {_mm512_set1_ps(scale[0]), _mm512_set1_ps(scale[1]),
                             _mm512_set1_ps(scale[2])};
  const __m512 terms[3] = {_mm512_set1_ps(bias[0]), _mm512_set1_ps(bias[1]),
                           _mm512_set1_ps(bias[2])};
  const int count = taps.taps;
  Block block{taps.first, taps.weights, 2 * static_cast<ptrdiff_t>(taps.stride)};
  int x = 0;
  for (; x + 16 <= width; x += 16, block.first += 16, block.weights += 32) {
    const Sums sums = sum(from, block, count);
    for (int c = 0; c < 3; ++c) {
      const __m512 value = _mm512_cvtepi32_ps(sums.plane[c]);
      _mm512_storeu_ps(to[c] + x, _mm512_fmadd_ps(value, factors[c], terms[c]));
    }
  }
  if (x == width) return;
  const Sums sums = sum(from, block, count);
  const __mmask16 mask = static_cast<__mmask16>((1 << (width - x)) - 1);
  for (int c = 0; c < 3; ++c) {
    const __m512 value = _mm512_cvtepi32_ps(sums.plane[c]);
    _mm512_mask_storeu_ps(to[c] + x, mask, _mm512_fmadd_ps(value, factors[c], terms[c]));
  }
}

}  // namespace

void blend_rows(const uint8_t* const* rows, const int16_t* weights, int taps, int width,
                int channels, ptrdiff_t ahead, int16_t* const* planes) {
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
  if (taps.taps == 2) {
    resample_width(planes, taps, width, scale, bias, out, NarrowSum<2>());
  } else if (taps.taps == 4) {
    resample_width(planes, taps, width, scale, bias, out, NarrowSum<4>());
  } else if (taps.taps <= 8) {
    resample_width(planes, taps, width, scale, bias, out, WideSum());
  } else {
    avx2::resample_row(planes, taps, width, scale, bias, out);
  }
}

}  // namespace rostro::avx512vnni
