#include <arm_neon.h>

#include "kernels/levels.hpp"

// 16 products are 3 instructions: smull, smlal2, sadalp. The 16-bit sum of two products holds, for
// queries have no -128: 2 * 128 * 127 = 32512. Multiplications are the bound, one 64 x 64-bit a
// cycle on A72 and A53; sums of 4 rows at a time hide their latency of 4 cycles.
// Packed rows are rows as they are: sums stay horizontal, as there is no product with 32-bit sums.

namespace rostro::neon {

namespace {

int32x4_t add_products(int32x4_t sum, int8x16_t a, int8x16_t b) {
  const int16x8_t low = vmull_s8(vget_low_s8(a), vget_low_s8(b));
  return vpadalq_s16(sum, vmlal_high_s8(low, a, b));
}

/// The sums of four vectors.
int32x4_t add_across(const int32x4_t* v) {
  return vpaddq_s32(vpaddq_s32(v[0], v[1]), vpaddq_s32(v[2], v[3]));
}

}  // namespace

void dot_rows(const int8_t* rows, size_t count, size_t dim, const QueryCodes& query,
              int32_t* dots) {
  for (size_t r = 0; r < count; r += 4) {
    const int8_t* first = rows + r * dim;
    int32x4_t sums[4] = {};
    // 32 codes a step, as one load takes two registers; the query's are zeros beyond dim.
    for (size_t k = 0; k < dim; k += 32) {
      const int8x16_t low = vld1q_s8(query.codes + k), high = vld1q_s8(query.codes + k + 16);
      for (size_t i = 0; i < 4; ++i) {
        const int8_t* codes = first + i * dim + k;
        sums[i] = add_products(sums[i], vld1q_s8(codes), low);
        sums[i] = add_products(sums[i], vld1q_s8(codes + 16), high);
      }
    }
    vst1q_s32(dots + r, add_across(sums));
  }
}

// 4 rows x 4 queries at a time: 16 sums, 8 loads for 48 instructions of arithmetic.
void dot_packed(const int8_t* packed, size_t dim, const QueryCodes& queries, int32_t* dots) {
  for (size_t r = 0; r < kMatchRows; r += 4) {
    const int8_t* first = packed + r * dim;
    int32x4_t sums[kMatchQueries][4] = {};
    for (size_t k = 0; k < dim; k += 16) {
      int8x16_t query[kMatchQueries];
      for (size_t q = 0; q < kMatchQueries; ++q) {
        query[q] = vld1q_s8(queries.codes + q * queries.stride + k);
      }
      for (size_t i = 0; i < 4; ++i) {
        const int8x16_t row = vld1q_s8(first + i * dim + k);
        for (size_t q = 0; q < kMatchQueries; ++q) {
          sums[q][i] = add_products(sums[q][i], row, query[q]);
        }
      }
    }
    for (size_t q = 0; q < kMatchQueries; ++q) {
      vst1q_s32(dots + q * kMatchRows + r, add_across(sums[q]));
    }
  }
}

uint64_t select_above(const int32_t* dots, const float* scales, float query_scale,
                      float threshold) {
  const float32x4_t limit = vdupq_n_f32(threshold);
  uint32x4_t masks[kMatchRows / 4];
  uint32x4_t any = vdupq_n_u32(0);
  for (size_t i = 0; i < kMatchRows / 4; ++i) {
    const float32x4_t dot = vcvtq_f32_s32(vld1q_s32(dots + 4 * i));
    const float32x4_t scale = vmulq_n_f32(vld1q_f32(scales + 4 * i), query_scale);
    masks[i] = vcgtq_f32(vmulq_f32(dot, scale), limit);
    any = vorrq_u32(any, masks[i]);
  }
  if (vmaxvq_u32(any) == 0) return 0;  // nearly always
  const uint32x4_t bits = {1, 2, 4, 8};
  uint64_t above = 0;
  for (size_t i = 0; i < kMatchRows / 4; ++i) {
    above |= static_cast<uint64_t>(vaddvq_u32(vandq_u32(masks[i], bits))) << (4 * i);
  }
  return above;
}

}  // namespace rostro::neon
