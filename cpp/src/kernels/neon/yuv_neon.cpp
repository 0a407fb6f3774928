#include <arm_neon.h>

#include "kernels/levels.hpp"

namespace rostro::neon {

namespace {

// 16 pixels a step, in 32 bits: ld2 and ld4 sort the samples, zip doubles the chroma's, st3 weaves
// the channels. The four products of the chroma are made once for two pixels.

/// The samples of 16 pixels: 16 of luma, 8 of each chroma.
struct Samples {
  uint8x16_t y;
  uint8x8_t u, v;
};

Samples load_i420(const YuvRow& row, int x) {
  return {vld1q_u8(row.y + x), vld1_u8(row.u + x / 2), vld1_u8(row.v + x / 2)};
}

Samples load_nv12(const YuvRow& row, int x) {
  const uint8x8x2_t chroma = vld2_u8(row.u + x);
  return {vld1q_u8(row.y + x), chroma.val[0], chroma.val[1]};
}

Samples load_nv21(const YuvRow& row, int x) {
  const uint8x8x2_t chroma = vld2_u8(row.v + x);
  return {vld1q_u8(row.y + x), chroma.val[1], chroma.val[0]};
}

Samples load_packed(const uint8_t* pixels, int y, int u) {
  const uint8x8x4_t bytes = vld4_u8(pixels);
  const uint8x8x2_t luma = vzip_u8(bytes.val[y], bytes.val[y + 2]);
  return {vcombine_u8(luma.val[0], luma.val[1]), bytes.val[u], bytes.val[u + 2]};
}

Samples load_yuyv(const YuvRow& row, int x) { return load_packed(row.y + 2 * x, 0, 1); }

Samples load_uyvy(const YuvRow& row, int x) { return load_packed(row.u + 2 * x, 1, 0); }

/// The luma of 4 pixels in 1/2^20, and half of the last place for the rounding.
int32x4_t scaled_luma(uint16x4_t luma) {
  const int32x4_t wide = vreinterpretq_s32_u32(vmovl_u16(luma));
  return vmlaq_n_s32(vdupq_n_s32(1 << 19), wide, 1220542);
}

/// What chroma adds to a channel for 8 pixels, from that of their 4 pairs.
struct Doubled {
  int32x4_t low, high;
};

Doubled twice(int32x4_t pairs) { return {vzip1q_s32(pairs, pairs), vzip2q_s32(pairs, pairs)}; }

/// 8 pixels of a channel: shifted down by 20, clamped to 0..255. The upper halves of the sums,
/// which uzp2 gathers, are shifted by 16 already.
uint8x8_t to_bytes(const Doubled& luma, int32x4_t chroma) {
  const Doubled added = twice(chroma);
  const int16x8_t low = vreinterpretq_s16_s32(vaddq_s32(luma.low, added.low));
  const int16x8_t high = vreinterpretq_s16_s32(vaddq_s32(luma.high, added.high));
  return vqshrun_n_s16(vuzp2q_s16(low, high), 4);
}

/// 8 pixels: 8 of luma less 16, 4 of each chroma less 128.
uint8x8x3_t convert(uint16x8_t y, int16x4_t u, int16x4_t v) {
  const Doubled luma = {scaled_luma(vget_low_u16(y)), scaled_luma(vget_high_u16(y))};
  const int32x4_t wide_u = vmovl_s16(u), wide_v = vmovl_s16(v);
  const int32x4_t green = vmlaq_n_s32(vmulq_n_s32(wide_u, -409993), wide_v, -852492);
  return {{to_bytes(luma, vmulq_n_s32(wide_u, 2116026)), to_bytes(luma, green),
           to_bytes(luma, vmulq_n_s32(wide_v, 1673527))}};
}

[[gnu::always_inline]] inline void convert_block(const Samples& samples, uint8_t* bgr) {
  const uint8x16_t luma = vqsubq_u8(samples.y, vdupq_n_u8(16));
  const int16x8_t u = vreinterpretq_s16_u16(vsubl_u8(samples.u, vdup_n_u8(128)));
  const int16x8_t v = vreinterpretq_s16_u16(vsubl_u8(samples.v, vdup_n_u8(128)));
  const uint8x8x3_t low = convert(vmovl_u8(vget_low_u8(luma)), vget_low_s16(u), vget_low_s16(v));
  const uint8x8x3_t high =
      convert(vmovl_u8(vget_high_u8(luma)), vget_high_s16(u), vget_high_s16(v));
  const uint8x16x3_t pixels = {{vcombine_u8(low.val[0], high.val[0]),
                                vcombine_u8(low.val[1], high.val[1]),
                                vcombine_u8(low.val[2], high.val[2])}};
  vst3q_u8(bgr, pixels);
}

/// At least 16 pixels; the last 16 may overlap those before them.
template <Samples (*kLoad)(const YuvRow&, int)>
void convert_width(const YuvRow& row, int width, uint8_t* bgr) {
  for (int x = 0; x < width - 16; x += 16) convert_block(kLoad(row, x), bgr + 3 * x);
  convert_block(kLoad(row, width - 16), bgr + 3 * (width - 16));
}

}  // namespace

void yuv_row(const YuvRow& row, int width, uint8_t* bgr) {
  if (width < 16) return scalar::yuv_row(row, width, bgr);
  const bool u_first = row.uv_step == 2 ? row.u < row.v : row.u < row.y;
  switch (row.uv_step) {
    case 1:
      return convert_width<load_i420>(row, width, bgr);
    case 2:
      return u_first ? convert_width<load_nv12>(row, width, bgr)
                     : convert_width<load_nv21>(row, width, bgr);
    default:
      return u_first ? convert_width<load_uyvy>(row, width, bgr)
                     : convert_width<load_yuyv>(row, width, bgr);
  }
}

// 16 pixels a step; the last 16 may overlap those before them.
void drop_alpha_row(const uint8_t* pixels, int width, uint8_t* row) {
  if (width < 16) return scalar::drop_alpha_row(pixels, width, row);
  const auto drop = [](const uint8_t* from, uint8_t* to) {
    const uint8x16x4_t bytes = vld4q_u8(from);
    const uint8x16x3_t kept = {{bytes.val[0], bytes.val[1], bytes.val[2]}};
    vst3q_u8(to, kept);
  };
  const uint8_t* from = pixels;
  uint8_t* to = row;
  for (int left = width; left > 16; left -= 16, from += 64, to += 48) drop(from, to);
  drop(pixels + 4 * (width - 16), row + 3 * (width - 16));
}

}  // namespace rostro::neon
