#include <arm_neon.h>

#include "kernels/levels.hpp"

namespace rostro::neon {

namespace {

// warp_row: 8 pixels a step. The corners come by 8-byte loads (two pixels of a row each); uzp sorts
// their bytes, so that a register then has one or two channels of 8 pixels (tbl from four registers
// would be fewer instructions, but takes several cycles each). The interpolation is int16
// throughout. Where a whole row of points lies inside the frame, one conversion gives whole part
// and fraction of a point.

/// The source points of 8 pixels.
struct Points {
  int32x4_t x[2], y[2];  ///< whole part
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

/// 8 pixels and those to the right of them, sorted by channel: the first, and the other two.
struct Corners {
  uint8x8_t left0, right0;
  uint8x16_t left12, right12;
};

Corners sort(const uint8x16_t* pairs) {
  const uint8x16_t even01 = vuzp1q_u8(pairs[0], pairs[1]), odd01 = vuzp2q_u8(pairs[0], pairs[1]);
  const uint8x16_t even23 = vuzp1q_u8(pairs[2], pairs[3]), odd23 = vuzp2q_u8(pairs[2], pairs[3]);
  const uint8x16_t bytes04 = vuzp1q_u8(even01, even23), bytes26 = vuzp2q_u8(even01, even23);
  const uint8x16_t bytes15 = vuzp1q_u8(odd01, odd23), bytes37 = vuzp2q_u8(odd01, odd23);
  return {vmovn_u16(vreinterpretq_u16_u8(bytes04)), vmovn_u16(vreinterpretq_u16_u8(bytes37)),
          vuzp1q_u8(bytes15, bytes26), vuzp2q_u8(bytes04, bytes15)};
}

/// Words of three channels.
struct Words {
  int16x8_t of[3];
};

/// 128 (to - from).
Words scaled(uint8x8_t to0, uint8x16_t to12, uint8x8_t from0, uint8x16_t from12) {
  const auto shift = [](uint16x8_t words) { return vshlq_n_s16(vreinterpretq_s16_u16(words), 7); };
  return {{shift(vsubl_u8(to0, from0)), shift(vsubl_u8(vget_low_u8(to12), vget_low_u8(from12))),
           shift(vsubl_high_u8(to12, from12))}};
}

/// In 1/128 the upper value is 128 p00 + a, the lower one 128 p10 + b; the multiples of 128 pass
/// through the last rounding, so that p00 is added after it. Always inlined, for pairs to stay in
/// registers.
template <bool kSwap>
[[gnu::always_inline]] inline uint8x8x3_t blend(const Pairs& pairs, int16x8_t fx, int16x8_t fy) {
  const Corners top = sort(pairs.top), bottom = sort(pairs.bottom);
  const Words right = scaled(top.right0, top.right12, top.left0, top.left12);
  const Words below = scaled(bottom.right0, bottom.right12, bottom.left0, bottom.left12);
  const Words down = scaled(bottom.left0, bottom.left12, top.left0, top.left12);
  int16x8_t beyond[3];
  for (int c = 0; c < 3; ++c) {
    const int16x8_t a = vqrdmulhq_s16(right.of[c], fx), b = vqrdmulhq_s16(below.of[c], fx);
    // b - a may wrap, what comes out does not: unsigned, for which that is defined.
    const uint16x8_t across = vsubq_u16(vreinterpretq_u16_s16(b), vreinterpretq_u16_s16(a));
    const int16x8_t all_down =
        vreinterpretq_s16_u16(vaddq_u16(vreinterpretq_u16_s16(down.of[c]), across));
    beyond[c] = vaddq_s16(a, vqrdmulhq_s16(all_down, fy));
  }
  const uint8x8_t first = vadd_u8(top.left0, vreinterpret_u8_s8(vrshrn_n_s16(beyond[0], 7)));
  const int8x16_t more = vrshrn_high_n_s16(vrshrn_n_s16(beyond[1], 7), beyond[2], 7);
  const uint8x16_t others = vaddq_u8(top.left12, vreinterpretq_u8_s8(more));
  const uint8x8_t last = vget_high_u8(others);
  return {{kSwap ? last : first, vget_low_u8(others), kSwap ? first : last}};
}

/// Fewer than 8 pixels.
void store_some(uint8_t* out, int pixels, const uint8x8x3_t& eight) {
  uint8_t bytes[24];
  vst3_u8(bytes, eight);
  __builtin_memcpy(out, bytes, static_cast<size_t>(3 * pixels));
}

/// The source points of one row: x * m[0] + x0, x * m[3] + y0.
struct RowOfPoints {
  const float* m;
  float x0, y0;
};

/// Whether all points of the row, up to a whole block of columns, lie so that load_offsets reads
/// nothing beyond the frame, and their numbers fit in 32 bits. Rounding is monotonic, so that both
/// ends speak for what lies between them.
bool row_inside(const Pixels& source, const RowOfPoints& row, int width) {
  const int64_t span = static_cast<int64_t>(source.row_stride) * source.height;
  if (span != static_cast<int32_t>(span) || source.width > 65535 || source.height > 65535) {
    return false;
  }
  const float last = static_cast<float>((width + 7) / 8 * 8 - 1);
  const float limit_x = static_cast<float>(source.width - 2);  // not reached: x <= width - 3
  const float limit_y = static_cast<float>(source.height - 1);
  const float x[2] = {row.x0, last * row.m[0] + row.x0};
  const float y[2] = {row.y0, last * row.m[3] + row.y0};
  for (int end = 0; end < 2; ++end) {
    if (!(x[end] >= 0.0f && x[end] < limit_x && y[end] >= 0.0f && y[end] < limit_y)) return false;
  }
  return true;
}

/// The pairs at 8 offsets from the frame's first byte.
[[gnu::always_inline]] inline Pairs load_offsets(const Pixels& source, const int32x4_t* offsets) {
  const uint8_t* const above = source.data;
  const uint8_t* const below = source.data + source.row_stride;
  Pairs pairs;
  const auto load = [&](int i, int32_t even, int32_t odd) {
    pairs.top[i] = vcombine_u8(vld1_u8(above + even), vld1_u8(above + odd));
    pairs.bottom[i] = vcombine_u8(vld1_u8(below + even), vld1_u8(below + odd));
  };
  for (int half = 0; half < 2; ++half) {
    load(2 * half, vgetq_lane_s32(offsets[half], 0), vgetq_lane_s32(offsets[half], 1));
    load(2 * half + 1, vgetq_lane_s32(offsets[half], 2), vgetq_lane_s32(offsets[half], 3));
  }
  return pairs;
}

template <bool kSwap>
void warp_inside(const Pixels& source, const RowOfPoints& row, int width, uint8_t* out) {
  const float step_x = row.m[0], step_y = row.m[3];
  const float32x4_t row_x = vdupq_n_f32(row.x0), row_y = vdupq_n_f32(row.y0);
  const Pixels frame = source;
  const auto stride = static_cast<int32_t>(source.row_stride);
  int32x4_t three = vdupq_n_s32(3);
  asm("" : "+w"(three));  // or a shift and an addition take the place of the multiplication
  const float rising[4] = {0, 1, 2, 3};
  float32x4_t column = vld1q_f32(rising);
  const auto eight = [&]() __attribute__((always_inline)) {
    int32x4_t sx[2], sy[2], offsets[2];
    for (int half = 0; half < 2; ++half) {
      // No fused multiply-add: the product is rounded. In 1/32768.
      sx[half] = vcvtq_n_s32_f32(vaddq_f32(vmulq_n_f32(column, step_x), row_x), 15);
      sy[half] = vcvtq_n_s32_f32(vaddq_f32(vmulq_n_f32(column, step_y), row_y), 15);
      const int32x4_t columns = vmulq_s32(vshrq_n_s32(sx[half], 15), three);
      offsets[half] = vmlaq_n_s32(columns, vshrq_n_s32(sy[half], 15), stride);
      column = vaddq_f32(column, vdupq_n_f32(4.0f));
    }
    const auto fraction = [](const int32x4_t* fixed) {
      const int16x8_t low =
          vuzp1q_s16(vreinterpretq_s16_s32(fixed[0]), vreinterpretq_s16_s32(fixed[1]));
      return vandq_s16(low, vdupq_n_s16(32767));
    };
    return blend<kSwap>(load_offsets(frame, offsets), fraction(sx), fraction(sy));
  };
  const int rest = width % 8;
  for (uint8_t* const end = out + 3 * (width - rest); out != end; out += 24) vst3_u8(out, eight());
  if (rest != 0) store_some(out, rest, eight());
}

template <bool kSwap>
void warp_anywhere(const Pixels& source, const RowOfPoints& row, int width, uint8_t* out) {
  const float32x4_t row_x = vdupq_n_f32(row.x0), row_y = vdupq_n_f32(row.y0);
  const float last_x = static_cast<float>(source.width) + 1.0f;
  const float last_y = static_cast<float>(source.height) + 1.0f;
  // Copies, for the compiler has to assume that a store to `out` changes what they point to.
  const float step_x = row.m[0], step_y = row.m[3];
  const Pixels frame = source;
  const Inside inside(frame);
  const int32_t rising[4] = {0, 1, 2, 3};
  for (int x = 0; x < width; x += 8) {
    Points points;
    int16x4_t fx[2], fy[2];
    for (int half = 0; half < 2; ++half) {
      const int32x4_t columns = vaddq_s32(vld1q_s32(rising), vdupq_n_s32(x + 4 * half));
      const float32x4_t column = vcvtq_f32_s32(columns);
      const Split sx = split(clamp(vaddq_f32(vmulq_n_f32(column, step_x), row_x), last_x));
      const Split sy = split(clamp(vaddq_f32(vmulq_n_f32(column, step_y), row_y), last_y));
      points.x[half] = sx.whole;
      points.y[half] = sy.whole;
      fx[half] = sx.fraction;
      fy[half] = sy.fraction;
    }
    const Pairs pairs =
        inside.have(points) ? load_inside(frame, points) : load_anywhere(frame, points);
    const uint8x8x3_t pixels =
        blend<kSwap>(pairs, vcombine_s16(fx[0], fx[1]), vcombine_s16(fy[0], fy[1]));
    if (width - x >= 8) {
      vst3_u8(out + 3 * x, pixels);
    } else {
      store_some(out + 3 * x, width - x, pixels);
    }
  }
}

}  // namespace

void warp_row(const Pixels& source, const float* m, int y, int width, bool swap, uint8_t* out) {
  const RowOfPoints row = {m, static_cast<float>(y) * m[1] + m[2],
                           static_cast<float>(y) * m[4] + m[5]};
  const bool inside = row_inside(source, row, width);
  if (swap) {
    (inside ? warp_inside<true> : warp_anywhere<true>)(source, row, width, out);
  } else {
    (inside ? warp_inside<false> : warp_anywhere<false>)(source, row, width, out);
  }
}

}  // namespace rostro::neon
