#include <arm_neon.h>

#include "kernels/levels.hpp"

namespace rostro::neon {

// normalize_row: ld3 splits 16 pixels into channels, tbl widens four bytes at once to 32 bits (an
// index beyond the table gives zero), and one fmla scales and moves four numbers.
void normalize_row(const uint8_t* row, int width, const float* scale, const float* bias,
                   float* const* planes) {
  if (width < 16) return scalar::normalize_row(row, width, scale, bias, planes);
  // Copies, for the compiler has to assume that a store to a plane changes what it points to.
  float* to[3] = {planes[0], planes[1], planes[2]};
  const float factors[3] = {scale[0], scale[1], scale[2]};
  const float32x4_t terms[3] = {vdupq_n_f32(bias[0]), vdupq_n_f32(bias[1]), vdupq_n_f32(bias[2])};
  uint8x16_t order[4];
  for (uint32_t i = 0; i < 4; ++i) {
    const uint32_t first = 0xffffff00u + 4 * i;
    const uint32_t indices[4] = {first, first + 1, first + 2, first + 3};
    order[i] = vreinterpretq_u8_u32(vld1q_u32(indices));
  }
  const auto sixteen = [&] {
    const uint8x16x3_t pixels = vld3q_u8(row);
    for (int c = 0; c < 3; ++c) {
      for (int i = 0; i < 4; ++i) {
        const uint32x4_t quad = vreinterpretq_u32_u8(vqtbl1q_u8(pixels.val[c], order[i]));
        vst1q_f32(to[c] + 4 * i, vfmaq_n_f32(terms[c], vcvtq_f32_u32(quad), factors[c]));
      }
    }
  };
  const auto advance = [&](ptrdiff_t pixels) {
    row += 3 * pixels;
    for (int c = 0; c < 3; ++c) to[c] += pixels;
  };
  int left = width;
  for (; left >= 16; left -= 16) {
    sixteen();
    advance(16);
  }
  if (left == 0) return;
  advance(left - 16);  // over the last 16 pixels, some of which are done
  sixteen();
}

}  // namespace rostro::neon
