#include <arm_neon.h>

#include "kernels/neon/neon.hpp"
#include "kernels/scalar/scalar.hpp"

namespace rostro::neon {

namespace {

// warp_row: 8 pixels a step. The corners come by 8-byte loads (two pixels of a row each); tbl takes
// the bytes of one channel of 8 pixels from four registers, so that a register then has one channel
// of 8 pixels. The interpolation is int16 throughout: 9 operations for 8 pixels of a channel.

/// The source points of 8 pixels.
struct Points {
  int32_t x[8], y[8];  ///< whole part
  int16x8_t fx, fy;    ///< fraction in 1/32768
};

struct Split {
  int32x4_t whole;
  int16x4_t fraction;
};

/// vmaxnm takes the number where the other operand is NaN.
float32x4_t clamp(float32x4_t value, float high) {
  return vminq_f32(vmaxnmq_f32(value, vdupq_n_f32(-2.0f)), vdupq_n_f32(high));
}

Split split(float32x4_t value) {
  const float32x4_t floor = vrndmq_f32(value);
  const int32x4_t fraction = vcvtq_s32_f32(vmulq_n_f32(vsubq_f32(value, floor), 32768.0f));
  // The saturation is the cap at 32767.
  return {vcvtq_s32_f32(floor), vqmovn_s32(fraction)};
}

/// Two pixels of row y from column x on, as 6 bytes of a quadword; 0 where outside the frame.
uint64_t load_pair(const Pixels& source, int x, int y) {
  uint64_t pair = 0;
  if (y < 0 || y >= source.height) return pair;
  const uint8_t* row = source.data + y * source.row_stride;
  if (x >= 0 && x <= source.width - 3) {
    __builtin_memcpy(&pair, row + 3 * x, 8);
    return pair;
  }
  for (int i = 0; i < 2; ++i) {
    if (x + i < 0 || x + i >= source.width) continue;
    for (int c = 0; c < 3; ++c) {
      pair |= static_cast<uint64_t>(row[3 * (x + i) + c]) << (8 * (3 * i + c));
    }
  }
  return pair;
}

/// The pairs of 8 points, two a register.
struct Pairs {
  uint8x16x4_t eight;
};

Pairs load_inside(const Pixels& source, const Points& points, int below) {
  Pairs pairs;
  for (int i = 0; i < 4; ++i) {
    const auto load = [&](int point) {
      return vld1_u8(source.data + (points.y[point] + below) * source.row_stride +
                     3 * points.x[point]);
    };
    pairs.eight.val[i] = vcombine_u8(load(2 * i), load(2 * i + 1));
  }
  return pairs;
}

Pairs load_anywhere(const Pixels& source, const Points& points, int below) {
  Pairs pairs;
  for (int i = 0; i < 4; ++i) {
    const auto load = [&](int point) {
      return vcreate_u8(load_pair(source, points.x[point], points.y[point] + below));
    };
    pairs.eight.val[i] = vcombine_u8(load(2 * i), load(2 * i + 1));
  }
  return pairs;
}

/// Whether all 8 points have both rows, and 8 bytes of each, within the frame.
bool all_inside(const Pixels& source, const Points& points) {
  const int32x4_t x0 = vld1q_s32(points.x), x1 = vld1q_s32(points.x + 4);
  const int32x4_t y0 = vld1q_s32(points.y), y1 = vld1q_s32(points.y + 4);
  return vminvq_s32(vminq_s32(vminq_s32(x0, x1), vminq_s32(y0, y1))) >= 0 &&
         vmaxvq_s32(vmaxq_s32(x0, x1)) <= source.width - 3 &&
         vmaxvq_s32(vmaxq_s32(y0, y1)) <= source.height - 2;
}

/// Byte `offset` of each pair as a word in 1/128.
int16x8_t channel(const Pairs& pairs, int offset) {
  const uint8x8_t firsts = vcreate_u8(0x3830282018100800);
  const uint8x8_t bytes =
      vqtbl4_u8(pairs.eight, vadd_u8(firsts, vdup_n_u8(static_cast<uint8_t>(offset))));
  return vreinterpretq_s16_u16(vshll_n_u8(bytes, 7));
}

int16x8_t lerp(int16x8_t a, int16x8_t b, int16x8_t fraction) {
  return vaddq_s16(a, vqrdmulhq_s16(vsubq_s16(b, a), fraction));
}

uint8x8_t blend(const Pairs& top, const Pairs& bottom, const Points& points, int c) {
  const int16x8_t upper = lerp(channel(top, c), channel(top, c + 3), points.fx);
  const int16x8_t lower = lerp(channel(bottom, c), channel(bottom, c + 3), points.fx);
  return vqrshrun_n_s16(lerp(upper, lower, points.fy), 7);
}

}  // namespace

void warp_row(const Pixels& source, const float* m, int y, int width, bool swap, uint8_t* out) {
  const float32x4_t row_x = vdupq_n_f32(static_cast<float>(y) * m[1] + m[2]);
  const float32x4_t row_y = vdupq_n_f32(static_cast<float>(y) * m[4] + m[5]);
  const float last_x = static_cast<float>(source.width) + 1.0f;
  const float last_y = static_cast<float>(source.height) + 1.0f;
  const int32_t rising[4] = {0, 1, 2, 3};
  for (int x = 0; x < width; x += 8) {
    Points points;
    int16x4_t fx[2], fy[2];
    for (int half = 0; half < 2; ++half) {
      const int32x4_t columns = vaddq_s32(vld1q_s32(rising), vdupq_n_s32(x + 4 * half));
      const float32x4_t column = vcvtq_f32_s32(columns);
      // No fused multiply-add: the product is rounded.
      const Split sx = split(clamp(vaddq_f32(vmulq_n_f32(column, m[0]), row_x), last_x));
      const Split sy = split(clamp(vaddq_f32(vmulq_n_f32(column, m[3]), row_y), last_y));
      vst1q_s32(points.x + 4 * half, sx.whole);
      vst1q_s32(points.y + 4 * half, sy.whole);
      fx[half] = sx.fraction;
      fy[half] = sy.fraction;
    }
    points.fx = vcombine_s16(fx[0], fx[1]);
    points.fy = vcombine_s16(fy[0], fy[1]);
    const bool inside = all_inside(source, points);
    const Pairs top = inside ? load_inside(source, points, 0) : load_anywhere(source, points, 0);
    const Pairs bottom = inside ? load_inside(source, points, 1) : load_anywhere(source, points, 1);
    uint8x8x3_t pixels;
    for (int c = 0; c < 3; ++c) pixels.val[swap ? 2 - c : c] = blend(top, bottom, points, c);
    if (width - x >= 8) {
      vst3_u8(out + 3 * x, pixels);
    } else {
      uint8_t bytes[24];
      vst3_u8(bytes, pixels);
      __builtin_memcpy(out + 3 * x, bytes, static_cast<size_t>(3 * (width - x)));
    }
  }
}

// normalize_row: ld3 splits 16 pixels into channels; the rest is widening and one fmla for four.
void normalize_row(const uint8_t* row, int width, const float* scale, const float* bias,
                   float* const* planes) {
  if (width < 16) return scalar::normalize_row(row, width, scale, bias, planes);
  for (int x = 0;;) {
    const uint8x16x3_t pixels = vld3q_u8(row + 3 * x);
    for (int c = 0; c < 3; ++c) {
      const uint16x8_t low = vmovl_u8(vget_low_u8(pixels.val[c]));
      const uint16x8_t high = vmovl_u8(vget_high_u8(pixels.val[c]));
      const uint32x4_t quads[4] = {vmovl_u16(vget_low_u16(low)), vmovl_u16(vget_high_u16(low)),
                                   vmovl_u16(vget_low_u16(high)), vmovl_u16(vget_high_u16(high))};
      for (int i = 0; i < 4; ++i) {
        const float32x4_t value = vcvtq_f32_u32(quads[i]);
        vst1q_f32(planes[c] + x + 4 * i, vfmaq_n_f32(vdupq_n_f32(bias[c]), value, scale[c]));
      }
    }
    if (x == width - 16) return;
    x = x + 16 < width - 16 ? x + 16 : width - 16;
  }
}

}  // namespace rostro::neon
