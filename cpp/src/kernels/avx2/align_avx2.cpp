#include <immintrin.h>

#include "kernels/levels.hpp"

namespace rostro::avx2 {

namespace {

// warp_row: 8 pixels a step. The corners come by 8-byte loads (two pixels of a row each), not by
// gathers: four of them and their inserts cost 5 operations, a gather of four quadwords about four
// times that on Zen and, with the mitigation of CVE-2022-40982, on Intel. A pixel then has four
// words of a register: three channels and one that is not used. Registers hold pixels 0 1 | 4 5 and
// 2 3 | 6 7, halves apart, so that nothing ever moves from one half to the other, which takes 3 to
// 8 operations on Zen. llvm-mca 19, cycles for 8 pixels inside the frame: znver1 46, haswell 38.

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

/// The same for a row of which all points lie inside the frame, in 1/32768: a power of two changes
/// no rounding, and one conversion then gives whole part and fraction.
struct RowInside {
  explicit RowInside(const RowOfPoints& row)
      : factor_x(_mm256_set1_ps(row.m[0] * kOne)),
        factor_y(_mm256_set1_ps(row.m[3] * kOne)),
        row_x(_mm256_set1_ps(row.row_x * kOne)),
        row_y(_mm256_set1_ps(row.row_y * kOne)) {}

  __m256i x(__m256 column) const {
    return _mm256_cvttps_epi32(_mm256_add_ps(_mm256_mul_ps(column, factor_x), row_x));
  }
  __m256i y(__m256 column) const {
    return _mm256_cvttps_epi32(_mm256_add_ps(_mm256_mul_ps(column, factor_y), row_y));
  }

  static constexpr float kOne = 32768.0f;
  __m256 factor_x, factor_y, row_x, row_y;
};

__m256i fraction_of(__m256 value, __m256 floor) {
  return _mm256_cvttps_epi32(_mm256_mul_ps(_mm256_sub_ps(value, floor), _mm256_set1_ps(32768.0f)));
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

/// The quadwords at offsets 0 1 | 4 5 from `row`.
__m256i load_four(const uint8_t* row, const int32_t* offsets) {
  return _mm256_inserti128_si256(
      _mm256_castsi128_si256(load_two(row + offsets[0], row + offsets[1])),
      load_two(row + offsets[4], row + offsets[5]), 1);
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

/// Pixels 0 1 | 4 5, or 2 3 | 6 7: p00 and p01 in a quadword of `top`, p10 and p11 in one of
/// `bottom`.
struct Corners {
  __m256i top, bottom;
};

Corners load_inside(const Pixels& source, const Block& block, int half) {
  const int32_t* offsets = block.offsets + 2 * half;
  return {load_four(source.data, offsets), load_four(source.data + source.row_stride, offsets)};
}

Corners load_anywhere(const Pixels& source, const Block& block, int half) {
  alignas(32) uint64_t top[4], bottom[4];
  for (int i = 0; i < 4; ++i) {
    const int pixel = 2 * half + i + i / 2 * 2;
    top[i] = load_pair(source, block.x[pixel], block.y[pixel]);
    bottom[i] = load_pair(source, block.x[pixel], block.y[pixel] + 1);
  }
  return {_mm256_load_si256(reinterpret_cast<const __m256i*>(top)),
          _mm256_load_si256(reinterpret_cast<const __m256i*>(bottom))};
}

__m256i pick(__m256i pairs, __m128i order) {
  return _mm256_shuffle_epi8(pairs, _mm256_broadcastsi128_si256(order));
}

/// Four pixels of the result, a quadword of words each; the fractions are spread likewise. In 1/128
/// the upper value is 128 p00 + a, the lower one 128 p10 + b; the multiples of 128 pass through the
/// last rounding, so that p00 is added after it.
__m256i blend(const Corners& corners, __m256i fx, __m256i fy) {
  const __m128i left = _mm_setr_epi8(0, -1, 1, -1, 2, -1, -1, -1, 8, -1, 9, -1, 10, -1, -1, -1);
  const __m128i right = _mm_setr_epi8(3, -1, 4, -1, 5, -1, -1, -1, 11, -1, 12, -1, 13, -1, -1, -1);
  const __m256i p00 = pick(corners.top, left), p10 = pick(corners.bottom, left);
  const auto scaled = [](__m256i to, __m256i from) {
    return _mm256_slli_epi16(_mm256_sub_epi16(to, from), 7);
  };
  const __m256i a = _mm256_mulhrs_epi16(scaled(pick(corners.top, right), p00), fx);
  const __m256i b = _mm256_mulhrs_epi16(scaled(pick(corners.bottom, right), p10), fx);
  const __m256i down = _mm256_add_epi16(scaled(p10, p00), _mm256_sub_epi16(b, a));
  const __m256i beyond = _mm256_add_epi16(a, _mm256_mulhrs_epi16(down, fy));
  // By 1/128, rounded.
  return _mm256_add_epi16(p00, _mm256_mulhrs_epi16(beyond, _mm256_set1_epi16(256)));
}

/// The low words of the fractions of pixels 0 1 | 4 5, or 2 3 | 6 7, four times each.
__m256i spread(__m256i fractions, int half) {
  const __m128i order = half == 0
                            ? _mm_setr_epi8(0, 1, 0, 1, 0, 1, 0, 1, 4, 5, 4, 5, 4, 5, 4, 5)
                            : _mm_setr_epi8(8, 9, 8, 9, 8, 9, 8, 9, 12, 13, 12, 13, 12, 13, 12, 13);
  return pick(fractions, order);
}

/// Which bytes of 4 pixels of 4 bytes are those of the result.
__m256i store_order(bool swap) {
  return _mm256_broadcastsi128_si256(
      swap ? _mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1)
           : _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1));
}

/// 8 pixels as 24 bytes, and 4 more that have no meaning. Always inlined, for constants to stay in
/// registers.
[[gnu::always_inline]] inline void finish(const Corners& first, const Corners& second,
                                          const Block& block, __m256i order, uint8_t* out) {
  const __m256i low = blend(first, spread(block.fx, 0), spread(block.fy, 0));
  const __m256i high = blend(second, spread(block.fx, 1), spread(block.fy, 1));
  const __m256i pixels = _mm256_shuffle_epi8(_mm256_packus_epi16(low, high), order);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out), _mm256_castsi256_si128(pixels));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out + 12), _mm256_extracti128_si256(pixels, 1));
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

/// Whether whole columns and rows, 3 and the stride are words.
bool offsets_multiply(const Pixels& source) {
  return source.width <= 32768 && source.height <= 32768 && source.row_stride >= -32768 &&
         source.row_stride <= 32767;
}

void prepare_inside(Block& block, const RowInside& row, __m256i steps, __m256 column) {
  const __m256i x = row.x(column), y = row.y(column);
  // Words: column and row of each pixel, multiplied by 3 and the stride.
  const __m256i places =
      _mm256_blend_epi16(_mm256_srli_epi32(x, 15), _mm256_slli_epi32(y, 1), 0xAA);
  store_integers(block.offsets, _mm256_madd_epi16(places, steps));
  const __m256i fraction = _mm256_set1_epi32(32767);
  block.fx = _mm256_and_si256(x, fraction);
  block.fy = _mm256_and_si256(y, fraction);
  block.inside = true;
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

[[gnu::always_inline]] inline void warp_inside(const Pixels& source, const Block& block,
                                               __m256i order, uint8_t* out) {
  finish(load_inside(source, block, 0), load_inside(source, block, 1), block, order, out);
}

void warp_anywhere(const Pixels& source, const Block& block, __m256i order, uint8_t* out) {
  if (block.inside) return warp_inside(source, block, order, out);
  finish(load_anywhere(source, block, 0), load_anywhere(source, block, 1), block, order, out);
}

/// The last blocks of a row, of which 28 bytes may be too many.
void warp_last(const Pixels& source, const Block& block, __m256i order, int pixels, uint8_t* out) {
  uint8_t bytes[28];
  warp_anywhere(source, block, order, bytes);
  __builtin_memcpy(out, bytes, static_cast<size_t>(3 * (pixels < 8 ? pixels : 8)));
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
  const bool inside = fits && offsets_multiply(source) && row_inside(source, row, width);
  const RowInside row_inside_frame(row);
  const __m256i steps =
      _mm256_set1_epi32(static_cast<int>(static_cast<uint32_t>(source.row_stride) << 16 | 3));
  const __m256i order = store_order(swap);
  __m256 column = _mm256_setr_ps(0, 1, 2, 3, 4, 5, 6, 7);
  Block blocks[kBlocks];
  for (int x = 0; x < width;) {
    const int left = (width - x + 7) / 8;
    const int count = left < kBlocks ? left : kBlocks;
    for (int i = 0; i < count; ++i) {
      inside ? prepare_inside(blocks[i], row_inside_frame, steps, column)
             : prepare_anywhere(blocks[i], source, row, column, fits);
      column = _mm256_add_ps(column, _mm256_set1_ps(8.0f));
    }
    for (int i = 0; i < count; ++i, x += 8) {
      uint8_t* const to = out + 3 * x;
      if (width - x < 10) {
        warp_last(source, blocks[i], order, width - x, to);
      } else if (inside) {
        warp_inside(source, blocks[i], order, to);
      } else {
        warp_anywhere(source, blocks[i], order, to);
      }
    }
  }
}

}  // namespace rostro::avx2
