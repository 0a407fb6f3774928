#include <arm_neon.h>

#include "kernels/levels.hpp"

namespace rostro::neon {

namespace {

/// Bits of the largest |v|; infinity and NaN are above all numbers.
uint32_t largest_bits(const float* v, size_t dim) {
  const uint32x4_t magnitude = vdupq_n_u32(0x7fffffff);
  uint32x4_t largest[4] = {};
  size_t i = 0;
  for (; i + 16 <= dim; i += 16) {
    for (size_t j = 0; j < 4; ++j) {
      const uint32x4_t bits = vreinterpretq_u32_f32(vld1q_f32(v + i + 4 * j));
      largest[j] = vmaxq_u32(largest[j], vandq_u32(bits, magnitude));
    }
  }
  uint32_t result =
      vmaxvq_u32(vmaxq_u32(vmaxq_u32(largest[0], largest[1]), vmaxq_u32(largest[2], largest[3])));
  for (; i < dim; ++i) {
    uint32_t bits;
    __builtin_memcpy(&bits, v + i, sizeof bits);
    bits &= 0x7fffffff;
    result = bits > result ? bits : result;
  }
  return result;
}

}  // namespace

// The second pass is 17 instructions for 16 codes: 4 each of load, multiply, round and convert
// (fcvtns does both) and narrow, and a store. Conversions are the bound: one 128-bit a cycle on
// A72.
float quantize_row(const float* v, size_t dim, int8_t* codes) {
  const uint32_t largest = largest_bits(v, dim);
  if (largest >= 0x7f800000) return __builtin_nanf("");
  float m;
  __builtin_memcpy(&m, &largest, sizeof m);
  if (m < 0x1p-118f) {
    __builtin_memset(codes, 0, dim);
    return 0.0f;
  }
  const float factor = 127.0f / m;
  const auto rounded = [v, factor](size_t i) {
    return vcvtnq_s32_f32(vmulq_n_f32(vld1q_f32(v + i), factor));
  };
  size_t i = 0;
  for (; i + 16 <= dim; i += 16) {
    const int16x8_t low =
        vuzp1q_s16(vreinterpretq_s16_s32(rounded(i)), vreinterpretq_s16_s32(rounded(i + 4)));
    const int16x8_t high =
        vuzp1q_s16(vreinterpretq_s16_s32(rounded(i + 8)), vreinterpretq_s16_s32(rounded(i + 12)));
    vst1q_s8(codes + i, vuzp1q_s8(vreinterpretq_s8_s16(low), vreinterpretq_s8_s16(high)));
  }
  for (; i < dim; ++i) codes[i] = static_cast<int8_t>(vcvtns_s32_f32(v[i] * factor));
  return m / 127.0f;
}

}  // namespace rostro::neon
