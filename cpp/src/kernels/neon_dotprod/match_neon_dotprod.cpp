#include <arm_neon.h>

#include "kernels/levels.hpp"

// sdot adds four products of bytes to each of four 32-bit sums: 16 products an instruction, two a
// cycle on A76, one on A55. Its latency of 2-4 cycles hides behind the other sums.

namespace rostro::neon_dotprod {

namespace {

size_t round_up_16(size_t n) { return (n + 15) & ~size_t{15}; }

/// Loads four rows' 16 codes and gives their codes 0-3, 4-7, 8-11 and 12-15, row by row.
void transpose(const int8_t* rows, size_t dim, int8_t* out) {
  int32x4_t v[4];
  for (size_t i = 0; i < 4; ++i) v[i] = vreinterpretq_s32_s8(vld1q_s8(rows + i * dim));
  const int64x2_t a = vreinterpretq_s64_s32(vtrn1q_s32(v[0], v[1]));
  const int64x2_t b = vreinterpretq_s64_s32(vtrn2q_s32(v[0], v[1]));
  const int64x2_t c = vreinterpretq_s64_s32(vtrn1q_s32(v[2], v[3]));
  const int64x2_t d = vreinterpretq_s64_s32(vtrn2q_s32(v[2], v[3]));
  vst1q_s8(out, vreinterpretq_s8_s64(vtrn1q_s64(a, c)));
  vst1q_s8(out + 16, vreinterpretq_s8_s64(vtrn1q_s64(b, d)));
  vst1q_s8(out + 32, vreinterpretq_s8_s64(vtrn2q_s64(a, c)));
  vst1q_s8(out + 48, vreinterpretq_s8_s64(vtrn2q_s64(b, d)));
}

}  // namespace

// 8 rows at a time, as they share the loads of the query; 32 codes a step, as one load takes two
// registers and moves its pointer on; the query's codes are zeros beyond dim.
void dot_rows(const int8_t* rows, size_t count, size_t dim, const QueryCodes& query,
              int32_t* dots) {
  for (size_t r = 0; r < count; r += 8) {
    const int8_t* row[8];
    for (size_t i = 0; i < 8; ++i) row[i] = rows + (r + i) * dim;
    const int8_t* wanted = query.codes;
    const int8_t* const end = wanted + dim;
    int32x4_t sums[8] = {};
    for (; wanted < end; wanted += 32) {
      const int8x16x2_t q = vld1q_s8_x2(wanted);
      for (size_t i = 0; i < 8; ++i) {
        const int8x16x2_t codes = vld1q_s8_x2(row[i]);
        row[i] += 32;
        __asm__("" : "+r"(row[i]));  // or GCC adds an offset to eight bases, an instruction each
        sums[i] = vdotq_s32(sums[i], codes.val[0], q.val[0]);
        sums[i] = vdotq_s32(sums[i], codes.val[1], q.val[1]);
      }
    }
    for (size_t i = 0; i < 8; i += 4) {
      vst1q_s32(dots + r + i,
                vpaddq_s32(vpaddq_s32(sums[i], sums[i + 1]), vpaddq_s32(sums[i + 2], sums[i + 3])));
    }
  }
}

// For every 16 rows, for every 16 codes of the dimension, 16 vectors: of rows 0-3 the codes 0-3,
// 4-7, 8-11 and 12-15, then of rows 4-7, 8-11 and 12-15.
void pack_rows(const int8_t* rows, size_t dim, int8_t* packed) {
  for (size_t r = 0; r < kMatchRows; r += 16) {
    for (size_t k = 0; k < dim; k += 16) {
      int8_t* out = packed + r * round_up_16(dim) + k * 16;
      for (size_t g = 0; g < 4; ++g) transpose(rows + (r + 4 * g) * dim + k, dim, out + g * 64);
    }
  }
}

// 16 rows x 4 queries at a time: 16 sums, one lane a row, so that nothing is added across. For 16
// codes of the dimension, 8 loads, of which 4 take four registers each and move their pointer on,
// and 64 sdot.
void dot_packed(const int8_t* packed, size_t dim, const QueryCodes& queries, int32_t* dots) {
  for (size_t r = 0; r < kMatchRows; r += 16) {
    int32x4_t sums[kMatchQueries][4] = {};
    const int8_t* codes = packed + r * round_up_16(dim);
    const int8_t* const end = codes + 16 * round_up_16(dim);
    const int8_t* wanted = queries.codes;
    while (codes < end) {
      int8x16_t query[kMatchQueries];
      for (size_t q = 0; q < kMatchQueries; ++q) query[q] = vld1q_s8(wanted + q * queries.stride);
      wanted += 16;
      for (size_t g = 0; g < 4; ++g) {
        const int8x16x4_t rows = vld1q_s8_x4(codes);
        codes += 64;
        __asm__("" : "+r"(codes));  // or GCC adds an offset to each load
        for (size_t q = 0; q < kMatchQueries; ++q) {
          sums[q][g] = vdotq_laneq_s32(sums[q][g], rows.val[0], query[q], 0);
          sums[q][g] = vdotq_laneq_s32(sums[q][g], rows.val[1], query[q], 1);
          sums[q][g] = vdotq_laneq_s32(sums[q][g], rows.val[2], query[q], 2);
          sums[q][g] = vdotq_laneq_s32(sums[q][g], rows.val[3], query[q], 3);
        }
      }
    }
    for (size_t q = 0; q < kMatchQueries; ++q) {
      for (size_t g = 0; g < 4; ++g) vst1q_s32(dots + q * kMatchRows + r + 4 * g, sums[q][g]);
    }
  }
}

}  // namespace rostro::neon_dotprod
