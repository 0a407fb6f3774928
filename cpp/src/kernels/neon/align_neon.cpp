#include <arm_neon.h>

#include "kernels/levels.hpp"

namespace rostro::neon {

namespace {

// warp_row: 8 pixels a step. The corners come by 8-byte loads (two pixels of a row each); uzp sorts
// their bytes, so that a register then has one channel of 8 pixels (tbl from four registers would
// be fewer instructions, but takes several cycles each). The interpolation is int16 throughout: 9
// operations for 8 pixels of a channel.

/// The source points of 8 pixels.
struct Points {
  int32x4_t x[2], y[2];  ///< whole part
  int16x8_t fx, fy;      ///< fraction in 1/32768
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
  const int32x4_t fraction = vcvtq_n_s32_f32(vsubq_f32(value, floor), 15);
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

/// The pairs of 8 points, two a register, and those below them.
struct Pairs {
  uint8x16_t top[4], bottom[4];
};

Pairs load_inside(const Pixels& source, const Points& points) {
  const int32x2_t stride = vdup_n_s32(static_cast<int32_t>(source.row_stride));
  const uint8_t* const below = source.data + source.row_stride;
  Pairs pairs;
  for (int i = 0; i < 4; ++i) {
    const int32x4_t x = vmulq_n_s32(points.x[i / 2], 3), y = points.y[i / 2];
    const int64x2_t offsets = i % 2 == 0
                                  ? vaddw_s32(vmull_s32(vget_low_s32(y), stride), vget_low_s32(x))
                                  : vaddw_high_s32(vmull_s32(vget_high_s32(y), stride), x);
    const int64_t even = vgetq_lane_s64(offsets, 0), odd = vgetq_lane_s64(offsets, 1);
    pairs.top[i] = vcombine_u8(vld1_u8(source.data + even), vld1_u8(source.data + odd));
    pairs.bottom[i] = vcombine_u8(vld1_u8(below + even), vld1_u8(below + odd));
  }
  return pairs;
}

[[gnu::noinline]] Pairs load_anywhere(const Pixels& source, const Points& points) {
  int32_t x[8], y[8];
  for (int half = 0; half < 2; ++half) {
    vst1q_s32(x + 4 * half, points.x[half]);
    vst1q_s32(y + 4 * half, points.y[half]);
  }
  Pairs pairs;
  for (int i = 0; i < 4; ++i) {
    const auto load = [&](int below) {
      return vcombine_u8(vcreate_u8(load_pair(source, x[2 * i], y[2 * i] + below)),
                         vcreate_u8(load_pair(source, x[2 * i + 1], y[2 * i + 1] + below)));
    };
    pairs.top[i] = load(0);
    pairs.bottom[i] = load(1);
  }
  return pairs;
}

/// Points for which load_inside reads nothing beyond the frame.
struct Inside {
  uint32x4_t x, y;  ///< the last of them
  bool any;

  explicit Inside(const Pixels& source)
      : x(vdupq_n_u32(static_cast<uint32_t>(source.width - 3))),
        y(vdupq_n_u32(static_cast<uint32_t>(source.height - 2))),
        any(source.width >= 3 && source.height >= 2 &&
            source.row_stride == static_cast<int32_t>(source.row_stride)) {}

  /// What is negative is beyond them as an unsigned number.
  bool have(const Points& points) const {
    const auto within = [](int32x4_t four, uint32x4_t last) {
      return vcleq_u32(vreinterpretq_u32_s32(four), last);
    };
    const uint32x4_t columns = vandq_u32(within(points.x[0], x), within(points.x[1], x));
    const uint32x4_t rows = vandq_u32(within(points.y[0], y), within(points.y[1], y));
    return any && vminvq_u32(vandq_u32(columns, rows)) != 0;
  }
};

/// The bytes 0 to 5 of 8 pairs, one a register, as words in 1/128.
struct Corners {
  int16x8_t byte[6];
};

Corners sort(const uint8x16_t* pairs) {
  const uint8x16_t even01 = vuzp1q_u8(pairs[0], pairs[1]), odd01 = vuzp2q_u8(pairs[0], pairs[1]);
  const uint8x16_t even23 = vuzp1q_u8(pairs[2], pairs[3]), odd23 = vuzp2q_u8(pairs[2], pairs[3]);
  const uint16x8_t bytes04 = vreinterpretq_u16_u8(vuzp1q_u8(even01, even23));
  const uint16x8_t bytes15 = vreinterpretq_u16_u8(vuzp1q_u8(odd01, odd23));
  const uint16x8_t bytes26 = vreinterpretq_u16_u8(vuzp2q_u8(even01, even23));
  const uint16x8_t bytes37 = vreinterpretq_u16_u8(vuzp2q_u8(odd01, odd23));
  const auto low = [](uint16x8_t two) {
    return vreinterpretq_s16_u16(vshrq_n_u16(vshlq_n_u16(two, 8), 1));
  };
  const auto high = [](uint16x8_t two) {
    return vreinterpretq_s16_u16(vshlq_n_u16(vshrq_n_u16(two, 8), 7));
  };
  return {{low(bytes04), low(bytes15), low(bytes26), low(bytes37), high(bytes04), high(bytes15)}};
}

int16x8_t lerp(int16x8_t a, int16x8_t b, int16x8_t fraction) {
  return vaddq_s16(a, vqrdmulhq_s16(vsubq_s16(b, a), fraction));
}

uint8x8_t blend(const Corners& top, const Corners& bottom, const Points& points, int c) {
  const int16x8_t upper = lerp(top.byte[c], top.byte[c + 3], points.fx);
  const int16x8_t lower = lerp(bottom.byte[c], bottom.byte[c + 3], points.fx);
  return vqrshrun_n_s16(lerp(upper, lower, points.fy), 7);
}

}  // namespace

void warp_row(const Pixels& source, const float* m, int y, int width, bool swap, uint8_t* out) {
  const float32x4_t row_x = vdupq_n_f32(static_cast<float>(y) * m[1] + m[2]);
  const float32x4_t row_y = vdupq_n_f32(static_cast<float>(y) * m[4] + m[5]);
  const float last_x = static_cast<float>(source.width) + 1.0f;
  const float last_y = static_cast<float>(source.height) + 1.0f;
  // Copies, for the compiler has to assume that a store to `out` changes what they point to.
  const float step_x = m[0], step_y = m[3];
  const Pixels frame = source;
  const Inside inside(frame);
  const int32_t rising[4] = {0, 1, 2, 3};
  for (int x = 0; x < width; x += 8) {
    Points points;
    int16x4_t fx[2], fy[2];
    for (int half = 0; half < 2; ++half) {
      const int32x4_t columns = vaddq_s32(vld1q_s32(rising), vdupq_n_s32(x + 4 * half));
      const float32x4_t column = vcvtq_f32_s32(columns);
      // No fused multiply-add: the product is rounded.
      const Split sx = split(clamp(vaddq_f32(vmulq_n_f32(column, step_x), row_x), last_x));
      const Split sy = split(clamp(vaddq_f32(vmulq_n_f32(column, step_y), row_y), last_y));
      points.x[half] = sx.whole;
      points.y[half] = sy.whole;
      fx[half] = sx.fraction;
      fy[half] = sy.fraction;
    }
    points.fx = vcombine_s16(fx[0], fx[1]);
    points.fy = vcombine_s16(fy[0], fy[1]);
    const Pairs pairs =
        inside.have(points) ? load_inside(frame, points) : load_anywhere(frame, points);
    const Corners top = sort(pairs.top), bottom = sort(pairs.bottom);
    const uint8x8_t first = blend(top, bottom, points, 0), last = blend(top, bottom, points, 2);
    const uint8x8x3_t pixels = {
        {swap ? last : first, blend(top, bottom, points, 1), swap ? first : last}};
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
