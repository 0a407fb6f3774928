#include <arm_neon.h>

#include "kernels/levels.hpp"

namespace rostro::neon {

// normalize_row: ld3 splits 16 pixels into channels, tbl widens four bytes at once to 32 bits (an
// index beyond the table gives zero), and one fmla scales and moves four numbers.
void normalize_row(const uint8_t* row, int width, const float* scale, const float* bias,
                   float* const* planes) {
  if (width < 16) return scalar::normalize_row(row, width, scale, bias, planes);
  // Copies, for the compiler has to assume that a store to a plane changes what it points to.
  float *const first = planes[0], *const second = planes[1], *const third = planes[2];
  const float factors[3] = {scale[0], scale[1], scale[2]};
  const float32x4_t terms[3] = {vdupq_n_f32(bias[0]), vdupq_n_f32(bias[1]), vdupq_n_f32(bias[2])};
  // Indices that make 32 bits of each byte. Not vld1q_u8_x4: of the four registers in a row that it
  // takes GCC has to save some.
  alignas(16) static constexpr uint8_t kWidened[4][16] = {
      {0, 255, 255, 255, 1, 255, 255, 255, 2, 255, 255, 255, 3, 255, 255, 255},
      {4, 255, 255, 255, 5, 255, 255, 255, 6, 255, 255, 255, 7, 255, 255, 255},
      {8, 255, 255, 255, 9, 255, 255, 255, 10, 255, 255, 255, 11, 255, 255, 255},
      {12, 255, 255, 255, 13, 255, 255, 255, 14, 255, 255, 255, 15, 255, 255, 255}};
  uint8x16_t order[4];
  for (int i = 0; i < 4; ++i) order[i] = vld1q_u8(kWidened[i]);
  const auto sixteen = [&](ptrdiff_t x) {
    const uint8x16x3_t pixels = vld3q_u8(row + 3 * x);
    float* const to[3] = {first + x, second + x, third + x};
    for (int c = 0; c < 3; ++c) {
      for (int i = 0; i < 4; ++i) {
        const uint32x4_t quad = vreinterpretq_u32_u8(vqtbl1q_u8(pixels.val[c], order[i]));
        vst1q_f32(to[c] + 4 * i, vfmaq_n_f32(terms[c], vcvtq_f32_u32(quad), factors[c]));
      }
    }
  };
  for (ptrdiff_t x = 0; x <= width - 16; x += 16) sixteen(x);
  if (width % 16 != 0) sixteen(width - 16);  // over the last 16 pixels, some of which are done
}

}  // namespace rostro::neon
