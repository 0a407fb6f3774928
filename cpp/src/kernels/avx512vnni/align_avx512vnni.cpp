#include <immintrin.h>

#include "kernels/levels.hpp"

namespace rostro::avx512vnni {

namespace {

// warp_row: 16 pixels a step. The corners come by 8-byte loads (two pixels of a row each), not by
// gathers: eight of them merged are 8 operations, a gather of eight quadwords some five times that
// on Zen and, with the mitigation of CVE-2022-40982, on Intel. A pixel then has four words of a
// register: three channels and one that is not used. All in all about 125 operations for 16 pixels,
// 32 of them the loads of corners.

/// The source points of one row, as functions of its pixels' columns.
struct RowOfPoints {
  const float* m;
  float row_x, row_y;
  float last_x, last_y;

  __m512 x(__m512 column) const {
    return _mm512_add_ps(_mm512_mul_ps(column, _mm512_set1_ps(m[0])), _mm512_set1_ps(row_x));
  }
  __m512 y(__m512 column) const {
    return _mm512_add_ps(_mm512_mul_ps(column, _mm512_set1_ps(m[3])), _mm512_set1_ps(row_y));
  }
};

__m512i fraction_of(__m512 value, __m512 floor) {
  return _mm512_cvttps_epi32(_mm512_mul_ps(_mm512_sub_ps(value, floor), _mm512_set1_ps(32768.0f)));
}

/// For values that are known not to be negative: truncation is the floor, and no fraction
/// reaches 1.
void split_inside(__m512 value, __m512i& whole, __m512i& fraction) {
  whole = _mm512_cvttps_epi32(value);
  fraction = fraction_of(value, _mm512_cvtepi32_ps(whole));
}

void split_anywhere(__m512 value, float last, __m512i& whole, __m512i& fraction) {
  // max and min return their second operand when the first is NaN.
  value = _mm512_max_ps(value, _mm512_set1_ps(-2.0f));
  value = _mm512_min_ps(value, _mm512_set1_ps(last));
  const __m512 floor = _mm512_roundscale_ps(value, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
  whole = _mm512_cvttps_epi32(floor);
  fraction = _mm512_min_epi32(fraction_of(value, floor), _mm512_set1_epi32(32767));
}

/// Two pixels of row y from column x on, as 6 bytes of a quadword; 0 where outside the frame.
uint64_t load_pair(const Pixels& source, int x, int y) {
  uint64_t pair = 0;
  if (y < 0 || y >= source.height) return pair;
  const uint8_t* row = source.data + y * source.row_stride;
  if (x >= 0 && x <= source.width - 3) {
    __builtin_memcpy(&pair, row + 3 * x, 8);
    return pair;
  }
  for (int i = 0; i < 2; ++i) {
    if (x + i < 0 || x + i >= source.width) continue;
    for (int c = 0; c < 3; ++c) {
      pair |= static_cast<uint64_t>(row[3 * (x + i) + c]) << (8 * (3 * i + c));
    }
  }
  return pair;
}

/// The quadwords at eight offsets from `row`. A masked broadcast merges a load in any of the vector
/// pipes, where inserts would all need the two that shuffle.
__m512i load_eight(const uint8_t* row, const int32_t* offsets) {
  const auto load = [&](int i) {
    return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(row + offsets[i]));
  };
  __m512i eight = _mm512_broadcastq_epi64(load(0));
  for (int i = 1; i < 8; ++i) {
    eight = _mm512_mask_broadcastq_epi64(eight, static_cast<__mmask8>(1 << i), load(i));
  }
  return eight;
}

/// Where 16 pixels come from.
struct Block {
  alignas(64) int32_t x[16], y[16];  ///< whole part; not set where `inside`
  alignas(64) int32_t offsets[16];   ///< bytes from the frame's first; set where `inside`
  __m512i fx, fy;                    ///< fraction in 1/32768
  bool inside;                       ///< both rows, and 8 bytes of each, lie within the frame
};

void set_offsets(Block& block, __m512i x, __m512i y, const Pixels& source) {
  const __m512i stride = _mm512_set1_epi32(static_cast<int>(source.row_stride));
  const __m512i column = _mm512_add_epi32(x, _mm512_slli_epi32(x, 1));
  _mm512_store_si512(block.offsets, _mm512_add_epi32(_mm512_mullo_epi32(y, stride), column));
  block.inside = true;
}

/// Eight points: p00 and p01 in a quadword of `top`, p10 and p11 in one of `bottom`.
struct Corners {
  __m512i top, bottom;
};

Corners load_inside(const Pixels& source, const Block& block, int first) {
  return {load_eight(source.data, block.offsets + first),
          load_eight(source.data + source.row_stride, block.offsets + first)};
}

Corners load_anywhere(const Pixels& source, const Block& block, int first) {
  alignas(64) uint64_t top[8], bottom[8];
  for (int i = 0; i < 8; ++i) {
    top[i] = load_pair(source, block.x[first + i], block.y[first + i]);
    bottom[i] = load_pair(source, block.x[first + i], block.y[first + i] + 1);
  }
  return {_mm512_load_si512(top), _mm512_load_si512(bottom)};
}

__m512i lerp(__m512i a, __m512i b, __m512i fraction) {
  return _mm512_add_epi16(a, _mm512_mulhrs_epi16(_mm512_sub_epi16(b, a), fraction));
}

/// Pixel 0 or 1 of each pair, its channels as words in 1/128.
__m512i widen(__m512i pairs, __m128i order) {
  return _mm512_slli_epi16(_mm512_shuffle_epi8(pairs, _mm512_broadcast_i32x4(order)), 7);
}

/// Eight pixels of the result, a quadword of words each; the fractions are spread likewise.
__m512i blend(const Corners& corners, __m512i fx, __m512i fy) {
  const __m128i left = _mm_setr_epi8(0, -1, 1, -1, 2, -1, -1, -1, 8, -1, 9, -1, 10, -1, -1, -1);
  const __m128i right = _mm_setr_epi8(3, -1, 4, -1, 5, -1, -1, -1, 11, -1, 12, -1, 13, -1, -1, -1);
  const __m512i upper = lerp(widen(corners.top, left), widen(corners.top, right), fx);
  const __m512i lower = lerp(widen(corners.bottom, left), widen(corners.bottom, right), fx);
  const __m512i value = lerp(upper, lower, fy);
  return _mm512_srli_epi16(_mm512_add_epi16(value, _mm512_set1_epi16(64)), 7);
}

/// The low word of the doublewords 8 half .. 8 half + 7, four times each.
__m512i spread(__m512i fractions, int half) {
  const __m512i words = _mm512_set_epi16(14, 14, 14, 14, 12, 12, 12, 12, 10, 10, 10, 10, 8, 8, 8, 8,
                                         6, 6, 6, 6, 4, 4, 4, 4, 2, 2, 2, 2, 0, 0, 0, 0);
  return _mm512_permutexvar_epi16(
      _mm512_add_epi16(words, _mm512_set1_epi16(static_cast<int16_t>(16 * half))), fractions);
}

/// 16 pixels as 48 bytes, from two registers of eight.
__m512i interleave(__m512i low, __m512i high, bool swap) {
  const __m128i order = swap
                            ? _mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1)
                            : _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
  // Each lane has pixels 2 i, 2 i + 1 and 2 i + 8, 2 i + 9: three words, then three words.
  const __m512i lanes =
      _mm512_shuffle_epi8(_mm512_packus_epi16(low, high), _mm512_broadcast_i32x4(order));
  const __m512i words = _mm512_set_epi16(0, 0, 0, 0, 0, 0, 0, 0, 29, 28, 27, 21, 20, 19, 13, 12, 11,
                                         5, 4, 3, 26, 25, 24, 18, 17, 16, 10, 9, 8, 2, 1, 0);
  return _mm512_permutexvar_epi16(words, lanes);
}

void store(uint8_t* to, __m512i bytes, int count) {
  if (count >= 48) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm512_castsi512_si256(bytes));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + 32), _mm512_extracti32x4_epi32(bytes, 2));
  } else {
    _mm512_mask_storeu_epi8(to, (1ull << count) - 1, bytes);
  }
}

/// 16 pixels as 48 bytes.
__m512i warp_block(const Pixels& source, const Block& block, bool swap) {
  __m512i pixels[2];
// One after the other: the offsets of both halves do not fit in the general registers.
#pragma GCC unroll 1
  for (int half = 0; half < 2; ++half) {
    const Corners corners = block.inside ? load_inside(source, block, 8 * half)
                                         : load_anywhere(source, block, 8 * half);
    pixels[half] = blend(corners, spread(block.fx, half), spread(block.fy, half));
  }
  return interleave(pixels[0], pixels[1], swap);
}

/// Whether there are pairs of 8 bytes, and their offsets fit in 32 bits.
bool offsets_fit(const Pixels& source) {
  const int64_t span = static_cast<int64_t>(source.row_stride) * source.height;
  return source.width >= 3 && source.height >= 2 && span == static_cast<int32_t>(span);
}

/// Whether all points of the row, up to a whole block of columns, lie `inside` in the sense of
/// Block. Rounding is monotonic, so that both ends speak for what lies between them.
bool row_inside(const Pixels& source, const RowOfPoints& row, int width) {
  const int last_column = (width + 15) / 16 * 16 - 1;
  const float last = static_cast<float>(last_column);
  const float x[2] = {row.row_x, last * row.m[0] + row.row_x};
  const float y[2] = {row.row_y, last * row.m[3] + row.row_y};
  const float limit_x = static_cast<float>(source.width - 2);  // not reached: x0 <= width - 3
  const float limit_y = static_cast<float>(source.height - 1);
  for (int end = 0; end < 2; ++end) {
    if (!(x[end] >= 0.0f && x[end] < limit_x && y[end] >= 0.0f && y[end] < limit_y)) return false;
  }
  return true;
}

void prepare_inside(Block& block, const Pixels& source, const RowOfPoints& row, __m512 column) {
  __m512i x, y;
  split_inside(row.x(column), x, block.fx);
  split_inside(row.y(column), y, block.fy);
  set_offsets(block, x, y, source);
}

void prepare_anywhere(Block& block, const Pixels& source, const RowOfPoints& row, __m512 column,
                      bool fits) {
  __m512i x, y;
  split_anywhere(row.x(column), row.last_x, x, block.fx);
  split_anywhere(row.y(column), row.last_y, y, block.fy);
  const __mmask16 x_inside = _mm512_cmple_epu32_mask(x, _mm512_set1_epi32(source.width - 3));
  const __mmask16 y_inside = _mm512_cmple_epu32_mask(y, _mm512_set1_epi32(source.height - 2));
  if (fits && (x_inside & y_inside) == 0xFFFF) return set_offsets(block, x, y, source);
  _mm512_store_si512(block.x, x);
  _mm512_store_si512(block.y, y);
  block.inside = false;
}

// normalize_row: one vpermd puts 4 pixels in each lane, one vpshufb a channel makes doublewords of
// its bytes. With 13 operations for 16 pixels it is bound by its stores.

template <bool kWhole>
__m512i load_pixels(const uint8_t* row, int count) {
  if (!kWhole) return _mm512_maskz_loadu_epi8((1ull << (3 * count)) - 1, row);
  const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(row));
  const __m128i high = _mm_loadu_si128(reinterpret_cast<const __m128i*>(row + 32));
  return _mm512_inserti32x4(_mm512_castsi256_si512(low), high, 2);
}

template <bool kWhole>
void normalize_block(const uint8_t* row, int count, const float* scale, const float* bias,
                     float* const* planes, int x) {
  const __m512i quads = _mm512_setr_epi32(0, 1, 2, 2, 3, 4, 5, 5, 6, 7, 8, 8, 9, 10, 11, 11);
  const __m128i first = _mm_setr_epi8(0, -1, -1, -1, 3, -1, -1, -1, 6, -1, -1, -1, 9, -1, -1, -1);
  const __m512i lanes = _mm512_permutexvar_epi32(quads, load_pixels<kWhole>(row + 3 * x, count));
  for (int c = 0; c < 3; ++c) {
    // Byte 3 i + c of a lane: c is added to the low byte of each doubleword alone.
    const __m128i order = _mm_add_epi8(first, _mm_set1_epi32(c));
    const __m512i pixels = _mm512_shuffle_epi8(lanes, _mm512_broadcast_i32x4(order));
    const __m512 value = _mm512_fmadd_ps(_mm512_cvtepi32_ps(pixels), _mm512_set1_ps(scale[c]),
                                         _mm512_set1_ps(bias[c]));
    if (kWhole) {
      _mm512_storeu_ps(planes[c] + x, value);
    } else {
      _mm512_mask_storeu_ps(planes[c] + x, static_cast<__mmask16>((1 << count) - 1), value);
    }
  }
}

}  // namespace

// Eight blocks are prepared, then finished: a load of 4 bytes from a 64-byte store that has not yet
// reached the cache waits for it, which took a third of all time with one block after the other.
void warp_row(const Pixels& source, const float* m, int y, int width, bool swap, uint8_t* out) {
  constexpr int kBlocks = 8;
  const RowOfPoints row = {
      m, static_cast<float>(y) * m[1] + m[2], static_cast<float>(y) * m[4] + m[5],
      static_cast<float>(source.width) + 1.0f, static_cast<float>(source.height) + 1.0f};
  const bool fits = offsets_fit(source);
  const bool inside = fits && row_inside(source, row, width);
  __m512 column = _mm512_setr_ps(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  Block blocks[kBlocks];
  for (int x = 0; x < width;) {
    const int left = (width - x + 15) / 16;
    const int count = left < kBlocks ? left : kBlocks;
    for (int i = 0; i < count; ++i) {
      inside ? prepare_inside(blocks[i], source, row, column)
             : prepare_anywhere(blocks[i], source, row, column, fits);
      column = _mm512_add_ps(column, _mm512_set1_ps(16.0f));
    }
    for (int i = 0; i < count; ++i, x += 16) {
      store(out + 3 * x, warp_block(source, blocks[i], swap), 3 * (width - x));
    }
  }
}

void normalize_row(const uint8_t* row, int width, const float* scale, const float* bias,
                   float* const* planes) {
  // Copies, for the compiler has to assume that a store to a plane changes what it points to.
  float* const to[3] = {planes[0], planes[1], planes[2]};
  const float scales[3] = {scale[0], scale[1], scale[2]};
  const float biases[3] = {bias[0], bias[1], bias[2]};
  int x = 0;
  for (; x + 16 <= width; x += 16) normalize_block<true>(row, 16, scales, biases, to, x);
  if (x < width) normalize_block<false>(row, width - x, scales, biases, to, x);
}

}  // namespace rostro::avx512vnni
