#include <arm_neon.h>

#include "kernels/levels.hpp"

namespace rostro::neon {

// normalize_row: ld3 splits 16 pixels into channels; the rest is widening and one fmla for four.
void normalize_row(const uint8_t* row, int width, const float* scale, const float* bias,
                   float* const* planes) {
  if (width < 16) return scalar::normalize_row(row, width, scale, bias, planes);
  // Copies, for the compiler has to assume that a store to a plane changes what it points to.
  float* const to[3] = {planes[0], planes[1], planes[2]};
  const float factors[3] = {scale[0], scale[1], scale[2]};
  const float32x4_t terms[3] = {vdupq_n_f32(bias[0]), vdupq_n_f32(bias[1]), vdupq_n_f32(bias[2])};
  for (ptrdiff_t x = 0;;) {
    const uint8x16x3_t pixels = vld3q_u8(row + 3 * x);
    for (int c = 0; c < 3; ++c) {
      const uint16x8_t low = vmovl_u8(vget_low_u8(pixels.val[c]));
      const uint16x8_t high = vmovl_u8(vget_high_u8(pixels.val[c]));
      const uint32x4_t quads[4] = {vmovl_u16(vget_low_u16(low)), vmovl_u16(vget_high_u16(low)),
                                   vmovl_u16(vget_low_u16(high)), vmovl_u16(vget_high_u16(high))};
      for (int i = 0; i < 4; ++i) {
        const float32x4_t value = vcvtq_f32_u32(quads[i]);
        vst1q_f32(to[c] + x + 4 * i, vfmaq_n_f32(terms[c], value, factors[c]));
      }
    }
    if (x == width - 16) return;
    x = x + 16 < width - 16 ? x + 16 : width - 16;
  }
}

}  // namespace rostro::neon
