#include <arm_neon.h>

#include "kernels/levels.hpp"

// smmla multiplies 2 rows by 2 queries of 8 codes each: 32 products an instruction. One query gains
// nothing from it; dot_rows stays that of dotprod.

namespace rostro::neon_i8mm {

namespace {

size_t round_up_16(size_t n) { return (n + 15) & ~size_t{15}; }

/// The low or the high 8 codes of both.
int8x16_t low_halves(int8x16_t a, int8x16_t b) {
  return vreinterpretq_s8_s64(vzip1q_s64(vreinterpretq_s64_s8(a), vreinterpretq_s64_s8(b)));
}
int8x16_t high_halves(int8x16_t a, int8x16_t b) {
  return vreinterpretq_s8_s64(vzip2q_s64(vreinterpretq_s64_s8(a), vreinterpretq_s64_s8(b)));
}

}  // namespace

// For every 16 rows, for every 16 codes of the dimension, 8 pairs of rows: codes 0-7 of both, then
// codes 8-15 of both.
void pack_rows(const int8_t* rows, size_t dim, int8_t* packed) {
  for (size_t r = 0; r < kMatchRows; r += 16) {
    for (size_t k = 0; k < dim; k += 16) {
      int8_t* out = packed + r * round_up_16(dim) + k * 16;
      for (size_t pair = 0; pair < 8; ++pair) {
        const int8_t* row = rows + (r + 2 * pair) * dim + k;
        const int8x16_t a = vld1q_s8(row), b = vld1q_s8(row + dim);
        vst1q_s8(out + pair * 32, low_halves(a, b));
        vst1q_s8(out + pair * 32 + 16, high_halves(a, b));
      }
    }
  }
}

// 16 rows x 4 queries at a time: 16 sums of 2 x 2. For 16 codes of the dimension, 8 loads, 4 zips
// and 32 smmla.
void dot_packed(const int8_t* packed, size_t dim, const QueryCodes& queries, int32_t* dots) {
  for (size_t r = 0; r < kMatchRows; r += 16) {
    int32x4_t sums[2][8] = {};  // [pair of queries][pair of rows]
    const int8_t* codes = packed + r * round_up_16(dim);
    const int8_t* const end = codes + 16 * round_up_16(dim);
    const int8_t* wanted = queries.codes;
    while (codes < end) {
      int8x16_t low[2], high[2];
      for (size_t q = 0; q < 2; ++q) {
        const int8x16_t a = vld1q_s8(wanted + 2 * q * queries.stride);
        const int8x16_t b = vld1q_s8(wanted + (2 * q + 1) * queries.stride);
        low[q] = low_halves(a, b);
        high[q] = high_halves(a, b);
      }
      wanted += 16;
      for (size_t pair = 0; pair < 8; pair += 2) {
        const int8x16x4_t rows = vld1q_s8_x4(codes);
        codes += 64;
        __asm__("" : "+r"(codes));  // or GCC adds an offset to each load
        for (size_t q = 0; q < 2; ++q) {
          sums[q][pair] = vmmlaq_s32(sums[q][pair], rows.val[0], low[q]);
          sums[q][pair] = vmmlaq_s32(sums[q][pair], rows.val[1], high[q]);
          sums[q][pair + 1] = vmmlaq_s32(sums[q][pair + 1], rows.val[2], low[q]);
          sums[q][pair + 1] = vmmlaq_s32(sums[q][pair + 1], rows.val[3], high[q]);
        }
      }
    }
    for (size_t q = 0; q < 2; ++q) {
      int32_t* out = dots + 2 * q * kMatchRows + r;
      for (size_t pair = 0; pair < 8; pair += 2) {
        const int32x4_t a = sums[q][pair], b = sums[q][pair + 1];
        vst1q_s32(out + 2 * pair, vuzp1q_s32(a, b));
        vst1q_s32(out + kMatchRows + 2 * pair, vuzp2q_s32(a, b));
      }
    }
  }
}

}  // namespace rostro::neon_i8mm
