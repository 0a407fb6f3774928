#include <arm_neon.h>

#include "kernels/levels.hpp"

namespace rostro::neon {

namespace {

// Few scores of a map reach the threshold: 16 are compared at a time, and one branch skips them if
// none does. There is no movemask: shrn by 4 makes a nibble of every byte of the narrowed
// comparison, 64 bits from which the lanes are counted off.

/// All four comparisons narrowed to a byte a lane, then to a nibble.
uint64_t nibbles(const uint32x4_t* reaches) {
  const uint16x8_t low =
      vuzp1q_u16(vreinterpretq_u16_u32(reaches[0]), vreinterpretq_u16_u32(reaches[1]));
  const uint16x8_t high =
      vuzp1q_u16(vreinterpretq_u16_u32(reaches[2]), vreinterpretq_u16_u32(reaches[3]));
  const uint8x16_t bytes = vuzp1q_u8(vreinterpretq_u8_u16(low), vreinterpretq_u8_u16(high));
  return vget_lane_u64(vreinterpret_u64_u8(vshrn_n_u16(vreinterpretq_u16_u8(bytes), 4)), 0);
}

template <typename Take>
void for_each_lane(uint64_t mask, const Take& take) {
  while (mask != 0) {
    const int lane = __builtin_ctzll(mask) / 4;
    take(static_cast<size_t>(lane));
    mask &= ~(0xFull << (4 * lane));
  }
}

/// To 0..1; vmaxnm takes the number where the other operand is NaN.
float32x4_t clamp_score(float32x4_t score) {
  return vminq_f32(vmaxnmq_f32(score, vdupq_n_f32(0.0f)), vdupq_n_f32(1.0f));
}

}  // namespace

size_t select_scores(const float* scores, size_t n, float threshold, uint32_t* indices) {
  const float32x4_t limit = vdupq_n_f32(threshold);
  size_t count = 0;
  const size_t whole = n / 16 * 16;
  for (size_t i = 0; i < whole; i += 16) {
    uint32x4_t reaches[4];
    for (size_t part = 0; part < 4; ++part) {
      reaches[part] = vcgeq_f32(vld1q_f32(scores + i + 4 * part), limit);
    }
    for_each_lane(nibbles(reaches),
                  [&](size_t lane) { indices[count++] = static_cast<uint32_t>(i + lane); });
  }
  const size_t rest = scalar::select_scores(scores + whole, n - whole, threshold, indices + count);
  for (size_t k = 0; k < rest; ++k) indices[count + k] += static_cast<uint32_t>(whole);
  return count + rest;
}

// fsqrt of four takes 36 cycles on A72 and 12 on A76, and is not pipelined; comparing squares
// instead would round differently. A product far below the square of the threshold cannot reach it,
// however: where none of the 16 comes near, no root is taken.
size_t select_products(const float* cls, const float* obj, size_t n, float threshold,
                       uint32_t* indices, float* scores) {
  const float32x4_t limit = vdupq_n_f32(threshold);
  const float32x4_t near = vdupq_n_f32(threshold < 0.0f ? 0.0f : threshold * threshold * 0.999f);
  size_t count = 0;
  const size_t whole = n / 16 * 16;
  for (size_t i = 0; i < whole; i += 16) {
    float32x4_t products[4];
    uint32x4_t reaches[4];
    for (size_t part = 0; part < 4; ++part) {
      const size_t at = i + 4 * part;
      products[part] =
          vmulq_f32(clamp_score(vld1q_f32(cls + at)), clamp_score(vld1q_f32(obj + at)));
      reaches[part] = vcgeq_f32(products[part], near);
    }
    if (nibbles(reaches) == 0) continue;
    float lanes[16];
    for (size_t part = 0; part < 4; ++part) {
      const float32x4_t score = vsqrtq_f32(products[part]);
      reaches[part] = vcgeq_f32(score, limit);
      vst1q_f32(lanes + 4 * part, score);
    }
    for_each_lane(nibbles(reaches), [&](size_t lane) {
      indices[count] = static_cast<uint32_t>(i + lane);
      scores[count] = lanes[lane];
      ++count;
    });
  }
  const size_t rest = scalar::select_products(cls + whole, obj + whole, n - whole, threshold,
                                              indices + count, scores + count);
  for (size_t k = 0; k < rest; ++k) indices[count + k] += static_cast<uint32_t>(whole);
  return count + rest;
}

}  // namespace rostro::neon
