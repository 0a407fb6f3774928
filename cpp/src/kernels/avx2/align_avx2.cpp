#include <immintrin.h>

#include "kernels/levels.hpp"

namespace rostro::avx2 {

namespace {

// warp_row: 8 pixels a step. The corners come by 8-byte loads (two pixels of a row each), not by
// gathers: four of them and their inserts cost 5 operations, a gather of four quadwords about four
// times that on Zen and, with the mitigation of CVE-2022-40982, on Intel. A pixel then has four
// words of a register: three channels and one that is not used.

/// The source points of one row, as functions of its pixels' columns.
struct RowOfPoints {
  const float* m;
  float row_x, row_y;
  float last_x, last_y;

  __m256 x(__m256 column) const {
    return _mm256_add_ps(_mm256_mul_ps(column, _mm256_set1_ps(m[0])), _mm256_set1_ps(row_x));
  }
  __m256 y(__m256 column) const {
    return _mm256_add_ps(_mm256_mul_ps(column, _mm256_set1_ps(m[3])), _mm256_set1_ps(row_y));
  }
};

__m256i fraction_of(__m256 value, __m256 floor) {
  return _mm256_cvttps_epi32(_mm256_mul_ps(_mm256_sub_ps(value, floor), _mm256_set1_ps(32768.0f)));
}

/// For values that are known not to be negative: truncation is the floor, and no fraction
/// reaches 1.
void split_inside(__m256 value, __m256i& whole, __m256i& fraction) {
  whole = _mm256_cvttps_epi32(value);
  fraction = fraction_of(value, _mm256_cvtepi32_ps(whole));
}

void split_anywhere(__m256 value, float last, __m256i& whole, __m256i& fraction) {
  // max and min return their second operand when the first is NaN.
  value = _mm256_max_ps(value, _mm256_set1_ps(-2.0f));
  value = _mm256_min_ps(value, _mm256_set1_ps(last));
  const __m256 floor = _mm256_floor_ps(value);
  whole = _mm256_cvttps_epi32(floor);
  fraction = _mm256_min_epi32(fraction_of(value, floor), _mm256_set1_epi32(32767));
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

__m128i load_two(const uint8_t* low, const uint8_t* high) {
  const __m128i pair = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(low));
  return _mm_castps_si128(
      _mm_loadh_pi(_mm_castsi128_ps(pair), reinterpret_cast<const __m64*>(high)));
}

/// The quadwords at four offsets from `row`.
__m256i load_four(const uint8_t* row, const int32_t* offsets) {
  return _mm256_inserti128_si256(
      _mm256_castsi128_si256(load_two(row + offsets[0], row + offsets[1])),
      load_two(row + offsets[2], row + offsets[3]), 1);
}

/// Where 8 pixels come from.
struct Block {
  alignas(32) int32_t x[8], y[8];  ///< whole part; not set where `inside`
  alignas(32) int32_t offsets[8];  ///< bytes from the frame's first; set where `inside`
  __m256i fx, fy;                  ///< fraction in 1/32768
  bool inside;                     ///< both rows, and 8 bytes of each, lie within the frame
};

void store_integers(int32_t* to, __m256i integers) {
  _mm256_store_si256(reinterpret_cast<__m256i*>(to), integers);
}

void set_offsets(Block& block, __m256i x, __m256i y, const Pixels& source) {
  const __m256i stride = _mm256_set1_epi32(static_cast<int>(source.row_stride));
  const __m256i column = _mm256_add_epi32(x, _mm256_slli_epi32(x, 1));
  store_integers(block.offsets, _mm256_add_epi32(_mm256_mullo_epi32(y, stride), column));
  block.inside = true;
}

/// Four points: p00 and p01 in a quadword of `top`, p10 and p11 in one of `bottom`.
struct Corners {
  __m256i top, bottom;
};

Corners load_inside(const Pixels& source, const Block& block, int first) {
  return {load_four(source.data, block.offsets + first),
          load_four(source.data + source.row_stride, block.offsets + first)};
}

Corners load_anywhere(const Pixels& source, const Block& block, int first) {
  alignas(32) uint64_t top[4], bottom[4];
  for (int i = 0; i < 4; ++i) {
    top[i] = load_pair(source, block.x[first + i], block.y[first + i]);
    bottom[i] = load_pair(source, block.x[first + i], block.y[first + i] + 1);
  }
  return {_mm256_load_si256(reinterpret_cast<const __m256i*>(top)),
          _mm256_load_si256(reinterpret_cast<const __m256i*>(bottom))};
}

__m256i lerp(__m256i a, __m256i b, __m256i fraction) {
  return _mm256_add_epi16(a, _mm256_mulhrs_epi16(_mm256_sub_epi16(b, a), fraction));
}

/// Pixel 0 or 1 of each pair, its channels as words in 1/128.
__m256i widen(__m256i pairs, __m128i order) {
  return _mm256_slli_epi16(_mm256_shuffle_epi8(pairs, _mm256_broadcastsi128_si256(order)), 7);
}

/// Four pixels of the result, a quadword of words each; the fractions are spread likewise.
__m256i blend(const Corners& corners, __m256i fx, __m256i fy) {
  const __m128i left = _mm_setr_epi8(0, -1, 1, -1, 2, -1, -1, -1, 8, -1, 9, -1, 10, -1, -1, -1);
  const __m128i right = _mm_setr_epi8(3, -1, 4, -1, 5, -1, -1, -1, 11, -1, 12, -1, 13, -1, -1, -1);
  const __m256i upper = lerp(widen(corners.top, left), widen(corners.top, right), fx);
  const __m256i lower = lerp(widen(corners.bottom, left), widen(corners.bottom, right), fx);
  const __m256i value = lerp(upper, lower, fy);
  return _mm256_srli_epi16(_mm256_add_epi16(value, _mm256_set1_epi16(64)), 7);
}

/// The low word of the doublewords 4 half .. 4 half + 3, four times each.
__m256i spread(__m256i fractions, int half) {
  const __m256i quads = _mm256_cvtepu32_epi64(half == 0 ? _mm256_castsi256_si128(fractions)
                                                        : _mm256_extracti128_si256(fractions, 1));
  const __m128i order = _mm_setr_epi8(0, 1, 0, 1, 0, 1, 0, 1, 8, 9, 8, 9, 8, 9, 8, 9);
  return _mm256_shuffle_epi8(quads, _mm256_broadcastsi128_si256(order));
}

/// 8 pixels as 24 bytes, from two registers of four.
void store_interleaved(__m256i low, __m256i high, bool swap, uint8_t* out) {
  const __m128i order = swap
                            ? _mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1)
                            : _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
  // Lanes: pixels 0 1 4 5 and 2 3 6 7, then 0 1 2 3 and 4 5 6 7.
  const __m256i packed = _mm256_permute4x64_epi64(_mm256_packus_epi16(low, high), 0xD8);
  const __m256i lanes = _mm256_shuffle_epi8(packed, _mm256_broadcastsi128_si256(order));
  const __m256i pixels =
      _mm256_permutevar8x32_epi32(lanes, _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 3, 7));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out), _mm256_castsi256_si128(pixels));
  _mm_storel_epi64(reinterpret_cast<__m128i*>(out + 16), _mm256_extracti128_si256(pixels, 1));
}

/// Whether there are pairs of 8 bytes, and their offsets fit in 32 bits.
bool offsets_fit(const Pixels& source) {
  const int64_t span = static_cast<int64_t>(source.row_stride) * source.height;
  return source.width >= 3 && source.height >= 2 && span == static_cast<int32_t>(span);
}

/// Whether all points of the row, up to a whole block of columns, lie `inside` in the sense of
/// Block. Rounding is monotonic, so that both ends speak for what lies between them.
bool row_inside(const Pixels& source, const RowOfPoints& row, int width) {
  const int last_column = (width + 7) / 8 * 8 - 1;
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

void prepare_inside(Block& block, const Pixels& source, const RowOfPoints& row, __m256 column) {
  __m256i x, y;
  split_inside(row.x(column), x, block.fx);
  split_inside(row.y(column), y, block.fy);
  set_offsets(block, x, y, source);
}

void prepare_anywhere(Block& block, const Pixels& source, const RowOfPoints& row, __m256 column,
                      bool fits) {
  __m256i x, y;
  split_anywhere(row.x(column), row.last_x, x, block.fx);
  split_anywhere(row.y(column), row.last_y, y, block.fy);
  const __m256i beyond_x = _mm256_cmpgt_epi32(x, _mm256_set1_epi32(source.width - 3));
  const __m256i beyond_y = _mm256_cmpgt_epi32(y, _mm256_set1_epi32(source.height - 2));
  // Negative numbers bring their sign along.
  const __m256i outside =
      _mm256_or_si256(_mm256_or_si256(x, y), _mm256_or_si256(beyond_x, beyond_y));
  if (fits && _mm256_movemask_ps(_mm256_castsi256_ps(outside)) == 0) {
    return set_offsets(block, x, y, source);
  }
  store_integers(block.x, x);
  store_integers(block.y, y);
  block.inside = false;
}

void warp_block(const Pixels& source, const Block& block, bool swap, uint8_t* out) {
  __m256i pixels[2];
  for (int half = 0; half < 2; ++half) {
    const Corners corners = block.inside ? load_inside(source, block, 4 * half)
                                         : load_anywhere(source, block, 4 * half);
    pixels[half] = blend(corners, spread(block.fx, half), spread(block.fy, half));
  }
  store_interleaved(pixels[0], pixels[1], swap, out);
}

}  // namespace

// Sixteen blocks are prepared, then finished: a load of 4 bytes from a 32-byte store that has not
// yet reached the cache waits for it.
void warp_row(const Pixels& source, const float* m, int y, int width, bool swap, uint8_t* out) {
  constexpr int kBlocks = 16;
  const RowOfPoints row = {
      m, static_cast<float>(y) * m[1] + m[2], static_cast<float>(y) * m[4] + m[5],
      static_cast<float>(source.width) + 1.0f, static_cast<float>(source.height) + 1.0f};
  const bool fits = offsets_fit(source);
  const bool inside = fits && row_inside(source, row, width);
  __m256 column = _mm256_setr_ps(0, 1, 2, 3, 4, 5, 6, 7);
  Block blocks[kBlocks];
  for (int x = 0; x < width;) {
    const int left = (width - x + 7) / 8;
    const int count = left < kBlocks ? left : kBlocks;
    for (int i = 0; i < count; ++i) {
      inside ? prepare_inside(blocks[i], source, row, column)
             : prepare_anywhere(blocks[i], source, row, column, fits);
      column = _mm256_add_ps(column, _mm256_set1_ps(8.0f));
    }
    for (int i = 0; i < count; ++i, x += 8) {
      if (width - x >= 8) {
        warp_block(source, blocks[i], swap, out + 3 * x);
      } else {
        uint8_t bytes[24];
        warp_block(source, blocks[i], swap, bytes);
        __builtin_memcpy(out + 3 * x, bytes, static_cast<size_t>(3 * (width - x)));
      }
    }
  }
}

// normalize_row: 8 pixels a step, 4 in each lane; one vpshufb a channel makes doublewords of its
// bytes. With 14 operations for 8 pixels it is bound by its stores.
void normalize_row(const uint8_t* row, int width, const float* scale, const float* bias,
                   float* const* planes) {
  if (width < 8) return scalar::normalize_row(row, width, scale, bias, planes);
  // The second lane is loaded 4 bytes early, so that nothing is read past the row.
  const __m256i first =
      _mm256_setr_epi8(0, -1, -1, -1, 3, -1, -1, -1, 6, -1, -1, -1, 9, -1, -1, -1,  //
                       4, -1, -1, -1, 7, -1, -1, -1, 10, -1, -1, -1, 13, -1, -1, -1);
  for (int x = 0;;) {
    const __m128i* bytes = reinterpret_cast<const __m128i*>(row + 3 * x);
    const __m128i* late = reinterpret_cast<const __m128i*>(row + 3 * x + 8);
    const __m256i lanes = _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128(bytes)),
                                                  _mm_loadu_si128(late), 1);
    for (int c = 0; c < 3; ++c) {
      // c is added to the low byte of each doubleword alone.
      const __m256i order = _mm256_add_epi8(first, _mm256_set1_epi32(c));
      const __m256 value = _mm256_cvtepi32_ps(_mm256_shuffle_epi8(lanes, order));
      _mm256_storeu_ps(planes[c] + x, _mm256_add_ps(_mm256_mul_ps(value, _mm256_set1_ps(scale[c])),
                                                    _mm256_set1_ps(bias[c])));
    }
    if (x == width - 8) return;
    x = x + 8 < width - 8 ? x + 8 : width - 8;
  }
}

}  // namespace rostro::avx2
