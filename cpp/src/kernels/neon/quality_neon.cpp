#include <arm_neon.h>

#include "kernels/levels.hpp"

namespace rostro::neon {

namespace {

uint8x16_t distance(const uint8_t* a, const uint8_t* b) {
  return vabdq_u8(vld1q_u8(a), vld1q_u8(b));
}

/// Sums of 16 pixels, which four lanes hold.
struct Variation {
  uint32x4_t sharp = vdupq_n_u32(0);
  uint32x4_t lost = vdupq_n_u32(0);

  void add(uint8x8_t near, uint8x8_t far) {
    const uint16x8_t nine = vmull_u8(near, vdup_n_u8(9));
    sharp = vpadalq_u16(sharp, nine);
    lost = vpadalq_u16(lost, vqsubq_u16(nine, vmovl_u8(far)));
  }
};

uint16x8_t more(uint8x8_t before, uint8x8_t step, uint8x8_t after) {
  return vqsubq_u16(vshll_n_u8(step, 1), vaddl_u8(before, after));
}

void luma_of_16(const uint8_t* row, const uint8_t* weights, uint8_t* luma) {
  const uint8x16x3_t pixels = vld3q_u8(row);
  uint16x8_t low = vmull_u8(vget_low_u8(pixels.val[0]), vdup_n_u8(weights[0]));
  uint16x8_t high = vmull_u8(vget_high_u8(pixels.val[0]), vdup_n_u8(weights[0]));
  for (int c = 1; c < 3; ++c) {
    low = vmlal_u8(low, vget_low_u8(pixels.val[c]), vdup_n_u8(weights[c]));
    high = vmlal_u8(high, vget_high_u8(pixels.val[c]), vdup_n_u8(weights[c]));
  }
  vst1q_u8(luma, vcombine_u8(vrshrn_n_u16(low, 7), vrshrn_n_u16(high, 7)));
}

}  // namespace

void luma_row(const uint8_t* row, int width, const uint8_t* weights, uint8_t* luma) {
  if (width < 16) return scalar::luma_row(row, width, weights, luma);
  for (int x = 0; x < width - 16; x += 16) luma_of_16(row + 3 * x, weights, luma + x);
  luma_of_16(row + 3 * (width - 16), weights, luma + width - 16);  // may overlap those before
}

void variation_row(const uint8_t* a, const uint8_t* b, const uint8_t* c, const uint8_t* d, int n,
                   uint32_t* sums) {
  Variation variation;
  int i = 0;
  for (; i + 16 <= n; i += 16) {
    const uint8x16_t near = distance(a + i, b + i), far = distance(c + i, d + i);
    variation.add(vget_low_u8(near), vget_low_u8(far));
    variation.add(vget_high_u8(near), vget_high_u8(far));
  }
  sums[0] += vaddvq_u32(variation.sharp);
  sums[1] += vaddvq_u32(variation.lost);
  if (i < n) scalar::variation_row(a + i, b + i, c + i, d + i, n - i, sums);
}

void step_row(const uint8_t* a, const uint8_t* b, const uint8_t* c, const uint8_t* d, int n,
              uint16_t* steps) {
  int i = 0;
  for (; i + 16 <= n; i += 16) {
    const uint8x16_t before = distance(a + i, b + i), step = distance(b + i, c + i),
                     after = distance(c + i, d + i);
    const uint16x8_t low = more(vget_low_u8(before), vget_low_u8(step), vget_low_u8(after));
    const uint16x8_t high = more(vget_high_u8(before), vget_high_u8(step), vget_high_u8(after));
    vst1q_u16(steps + i, vaddq_u16(vld1q_u16(steps + i), low));
    vst1q_u16(steps + i + 8, vaddq_u16(vld1q_u16(steps + i + 8), high));
  }
  if (i < n) scalar::step_row(a + i, b + i, c + i, d + i, n - i, steps + i);
}

}  // namespace rostro::neon
