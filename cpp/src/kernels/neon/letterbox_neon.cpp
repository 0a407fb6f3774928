#include <arm_neon.h>

#include "kernels/levels.hpp"

namespace rostro::neon {

namespace {

// blend_rows: 16 pixels a step. ld3 splits the channels of each row on the way in: on A72 it takes
// as long as three plain loads and three shuffles, which a split of the result would need for twice
// the bytes. A tap then costs four operations for 8 pixels of a channel: usubl, shl, sqrdmulh (the
// rounding of the specification), sqadd. A sum costs one, uaddw.

/// 16 pixels of one channel as they blend.
struct Blend {
  uint8x16_t first;
  int16x8_t low, high;
};

/// The first row of a weighted blend, the first two of a sum: kFirstRows of them.
template <bool kWeighted>
constexpr int kFirstRows = kWeighted ? 1 : 2;

template <bool kWeighted>
Blend start(uint8x16_t first, uint8x16_t second) {
  if (!kWeighted) {
    return {first, vreinterpretq_s16_u16(vaddl_u8(vget_low_u8(first), vget_low_u8(second))),
            vreinterpretq_s16_u16(vaddl_high_u8(first, second))};
  }
  return {first, vreinterpretq_s16_u16(vshll_n_u8(vget_low_u8(first), 7)),
          vreinterpretq_s16_u16(vshll_n_u8(vget_high_u8(first), 7))};
}

int16x8_t term(uint8x8_t pixel, uint8x8_t first, int16_t weight) {
  const int16x8_t difference = vshlq_n_s16(vreinterpretq_s16_u16(vsubl_u8(pixel, first)), 7);
  return vqrdmulhq_n_s16(difference, weight);
}

int16x8_t add_words(int16x8_t sum, uint8x8_t pixel) {
  return vreinterpretq_s16_u16(vaddw_u8(vreinterpretq_u16_s16(sum), pixel));
}

template <bool kWeighted>
void add(Blend& blend, uint8x16_t pixel, const int16_t* weight) {
  const uint8x16_t first = blend.first;
  if (kWeighted) {
    blend.low = vqaddq_s16(blend.low, term(vget_low_u8(pixel), vget_low_u8(first), *weight));
    blend.high = vqaddq_s16(blend.high, term(vget_high_u8(pixel), vget_high_u8(first), *weight));
  } else {
    blend.low = add_words(blend.low, vget_low_u8(pixel));
    blend.high = add_words(blend.high, vget_high_u8(pixel));
  }
}

void store(int16_t* to, const Blend& blend) {
  vst1q_s16(to, blend.low);
  vst1q_s16(to + 8, blend.high);
}

// Always inlined, for pointers and weights to stay in registers.
template <bool kWeighted>
[[gnu::always_inline]] inline void blend_color(const uint8_t* const* rows, const int16_t* weights,
                                               int taps, ptrdiff_t x, int16_t* const* planes) {
  const ptrdiff_t at = 3 * x;
  const uint8x16x3_t first = vld3q_u8(rows[0] + at);
  const uint8x16x3_t second = kWeighted ? first : vld3q_u8(rows[1] + at);
  Blend blends[3] = {start<kWeighted>(first.val[0], second.val[0]),
                     start<kWeighted>(first.val[1], second.val[1]),
                     start<kWeighted>(first.val[2], second.val[2])};
  for (int j = kFirstRows<kWeighted>; j < taps; ++j) {
    const uint8x16x3_t pixels = vld3q_u8(rows[j] + at);
    for (int c = 0; c < 3; ++c) add<kWeighted>(blends[c], pixels.val[c], weights + j);
  }
  for (int c = 0; c < 3; ++c) store(planes[c] + x, blends[c]);
}

template <bool kWeighted>
[[gnu::always_inline]] inline void blend_gray(const uint8_t* const* rows, const int16_t* weights,
                                              int taps, ptrdiff_t x, int16_t* plane) {
  const uint8x16_t first = vld1q_u8(rows[0] + x);
  Blend blend = start<kWeighted>(first, kWeighted ? first : vld1q_u8(rows[1] + x));
  for (int j = kFirstRows<kWeighted>; j < taps; ++j) {
    add<kWeighted>(blend, vld1q_u8(rows[j] + x), weights + j);
  }
  store(plane + x, blend);
}

/// Every row begins a new stream for the CPU's own prefetcher, which small cores are slow to
/// follow.
void prefetch(const uint8_t* const* rows, int taps, ptrdiff_t at) {
  for (int j = 0; j < taps; ++j) __builtin_prefetch(rows[j] + at);
}

/// `kTaps` rows, so that the compiler unrolls the loop over them; any number where it is 0. The
/// last 16 pixels may overlap those before them. At least 16 pixels.
template <int kTaps, bool kWeighted>
void blend_width(const uint8_t* const* rows, const int16_t* weights, int taps, int width,
                 int channels, ptrdiff_t ahead, int16_t* const* planes) {
  const int count = kTaps == 0 ? taps : kTaps;
  // Copies, for the compiler has to assume that a store to a plane changes what it points to.
  const uint8_t* copied_rows[kTaps + 1];
  int16_t copied_weights[kTaps + 1];
  for (int j = 0; j < kTaps; ++j) {
    copied_rows[j] = rows[j];
    if (kWeighted) copied_weights[j] = weights[j];
  }
  const uint8_t* const* from = kTaps == 0 ? rows : copied_rows;
  const int16_t* factors = kTaps == 0 ? weights : copied_weights;
  const ptrdiff_t last = width - 16;
  if (channels == 3) {
    int16_t* const to[3] = {planes[0], planes[1], planes[2]};
    for (ptrdiff_t x = 0; x < last; x += 16) {
      prefetch(from, count, 3 * x + ahead);
      blend_color<kWeighted>(from, factors, count, x, to);
    }
    blend_color<kWeighted>(from, factors, count, last, to);
  } else {
    int16_t* const to = planes[0];
    for (ptrdiff_t x = 0; x < last; x += 16) {
      prefetch(from, count, x + ahead);
      blend_gray<kWeighted>(from, factors, count, x, to);
    }
    blend_gray<kWeighted>(from, factors, count, last, to);
  }
}

// resample_row: 4 outputs a step. The taps of 4 outputs of 2 taps lie within 8 pixels, from which
// one tbl fetches them; its order is made from `first` and serves three planes. With more taps an
// output's own 4 pixels are loaded, at a time: A72 loads one register a cycle and multiplies two in
// the same time, so that loads and arithmetic (smull, two addp for 4 outputs) keep pace.

/// Four outputs.
struct Block {
  const int32_t* first;
  const int16_t* weights;
  ptrdiff_t pair_stride;  ///< words from one pair of taps to the next in `weights`

  /// Their weights of taps t and t + 1.
  int16x8_t pair(int t) const { return vld1q_s16(weights + t / 2 * pair_stride); }
};

struct Sums {
  int32x4_t plane[3];
};

struct TwoTapSum {
  Sums operator()(const int16_t* const* planes, const Block& block, int) const {
    const int32_t base = block.first[0];
    const uint32x4_t offset =
        vreinterpretq_u32_s32(vsubq_s32(vld1q_s32(block.first), vdupq_n_s32(base)));
    // Byte 2 offset, and the three after it.
    const uint32x4_t order = vmlaq_n_u32(vdupq_n_u32(0x03020100), offset, 0x02020202);
    const int16x8_t weights = block.pair(0);
    Sums sums;
    for (int c = 0; c < 3; ++c) {
      const uint8x16_t window = vreinterpretq_u8_s16(vld1q_s16(planes[c] + base));
      const int16x8_t pixels =
          vreinterpretq_s16_u8(vqtbl1q_u8(window, vreinterpretq_u8_u32(order)));
      sums.plane[c] = vpaddq_s32(vmull_s16(vget_low_s16(pixels), vget_low_s16(weights)),
                                 vmull_high_s16(pixels, weights));
    }
    return sums;
  }
};

/// Four taps of every output at a time; where only two are left, the weights of the others are 0.
/// `kTaps` as for blend_width.
template <int kTaps>
struct ManyTapSum {
  Sums operator()(const int16_t* const* planes, const Block& block, int any_taps) const {
    const int taps = kTaps == 0 ? any_taps : kTaps;
    const int32_t f0 = block.first[0], f1 = block.first[1];
    const int32_t f2 = block.first[2], f3 = block.first[3];
    Sums sums{};
    for (int t = 0; t < taps; t += 4) {
      // Two pairs of four outputs, turned to four taps an output.
      const int32x4_t low = vreinterpretq_s32_s16(block.pair(t));
      const int32x4_t high =
          t + 2 < taps ? vreinterpretq_s32_s16(block.pair(t + 2)) : vdupq_n_s32(0);
      const int16x8_t weights01 = vreinterpretq_s16_s32(vzip1q_s32(low, high));
      const int16x8_t weights23 = vreinterpretq_s16_s32(vzip2q_s32(low, high));
      for (int c = 0; c < 3; ++c) {
        const int16_t* plane = planes[c] + t;
        const int32x4_t p0 = vmull_s16(vld1_s16(plane + f0), vget_low_s16(weights01));
        const int32x4_t p1 = vmull_s16(vld1_s16(plane + f1), vget_high_s16(weights01));
        const int32x4_t p2 = vmull_s16(vld1_s16(plane + f2), vget_low_s16(weights23));
        const int32x4_t p3 = vmull_s16(vld1_s16(plane + f3), vget_high_s16(weights23));
        const int32x4_t sum = vpaddq_s32(vpaddq_s32(p0, p1), vpaddq_s32(p2, p3));
        sums.plane[c] = vaddq_s32(sums.plane[c], sum);
      }
    }
    return sums;
  }
};

/// At least 4 outputs; the last 4 may overlap those before them.
template <typename Sum>
void resample_width(const int16_t* const* planes, const ColumnTaps& taps, int width,
                    const float* scale, const float* bias, float* const* out, const Sum& sum) {
  // Copies, for the compiler has to assume that a store to `out` changes what it points to.
  const int16_t* const from[3] = {planes[0], planes[1], planes[2]};
  float* const to[3] = {out[0], out[1], out[2]};
  const float factors[3] = {scale[0], scale[1], scale[2]};
  const float32x4_t terms[3] = {vdupq_n_f32(bias[0]), vdupq_n_f32(bias[1]), vdupq_n_f32(bias[2])};
  const int count = taps.taps;
  const int32_t* const first = taps.first;
  const int16_t* const weights = taps.weights;
  const ptrdiff_t pair_stride = 2 * static_cast<ptrdiff_t>(taps.stride);
  for (int x = 0;;) {
    const Sums sums = sum(from, {first + x, weights + 2 * x, pair_stride}, count);
    for (int c = 0; c < 3; ++c) {
      vst1q_f32(to[c] + x, vfmaq_n_f32(terms[c], vcvtq_f32_s32(sums.plane[c]), factors[c]));
    }
    if (x == width - 4) return;
    x = x + 4 < width - 4 ? x + 4 : width - 4;
  }
}

// shrink_rows: the rows' sums as planes, then sums of neighbours: pairwise additions, or for three
// ld3. 8 outputs of a plane are 12 to 14 instructions, where resample_row takes 36 for four
// taps.

constexpr int kShrunk = 160;  // outputs a step: what a step sums lies in the L1 cache

/// 8 outputs.
template <int kFactor>
uint32x4x2_t sum_neighbors(const uint16_t* sums) {
  if (kFactor == 3) {
    const uint16x8x3_t pixels = vld3q_u16(sums);
    const uint16x8_t sum = vaddq_u16(vaddq_u16(pixels.val[0], pixels.val[1]), pixels.val[2]);
    return {vmovl_u16(vget_low_u16(sum)), vmovl_high_u16(sum)};
  }
  const auto pair = [sums](int i) {
    return kFactor == 2 ? vld1q_u16(sums + i)
                        : vpaddq_u16(vld1q_u16(sums + 2 * i), vld1q_u16(sums + 2 * i + 8));
  };
  return {vpaddlq_u16(pair(0)), vpaddlq_u16(pair(8))};
}

/// `count` outputs of a plane, at least 8.
template <int kFactor>
void sum_columns(const int16_t* plane, int count, float factor, float bias, float* out) {
  const float32x4_t term = vdupq_n_f32(bias);
  const auto eight = [=](const uint16_t* sums, float* to) {
    const uint32x4x2_t sum = sum_neighbors<kFactor>(sums);
    vst1q_f32(to, vfmaq_n_f32(term, vcvtq_f32_u32(sum.val[0]), factor));
    vst1q_f32(to + 4, vfmaq_n_f32(term, vcvtq_f32_u32(sum.val[1]), factor));
  };
  const auto* sums = reinterpret_cast<const uint16_t*>(plane);
  const int rest = count % 8;
  for (float* const end = out + (count - rest); out != end; out += 8, sums += 8 * kFactor) {
    eight(sums, out);
  }
  if (rest != 0) eight(sums - kFactor * (8 - rest), out - (8 - rest));
}

/// At least 8 outputs; the last 8 of a step may overlap those before them.
template <int kFactor>
void shrink_width(const uint8_t* const* rows, int width, ptrdiff_t ahead, const float* scale,
                  const float* bias, float* const* out) {
  constexpr int kRoom = kFactor * kShrunk;
  int16_t sums[3 * kRoom];
  int16_t* const planes[3] = {sums, sums + kRoom, sums + 2 * kRoom};
  const uint8_t* from[kFactor];
  for (int j = 0; j < kFactor; ++j) from[j] = rows[j];
  for (int begin = 0; begin < width;) {
    const int left = width - begin;
    // Not less than 8 may be left for the last step.
    const int count = left <= kShrunk ? left : left < kShrunk + 8 ? kShrunk - 8 : kShrunk;
    blend_width<kFactor, false>(from, nullptr, kFactor, kFactor * count, 3, ahead, planes);
    for (int c = 0; c < 3; ++c) {
      sum_columns<kFactor>(planes[c], count, scale[c], bias[c], out[c] + begin);
    }
    begin += count;
    for (const uint8_t*& row : from) row += 3 * kFactor * count;
  }
}

}  // namespace

void shrink_rows(const uint8_t* const* rows, int factor, int width, ptrdiff_t ahead,
                 const float* scale, const float* bias, float* const* out) {
  if (width < 8) return scalar::shrink_rows(rows, factor, width, ahead, scale, bias, out);
  if (factor == 2) return shrink_width<2>(rows, width, ahead, scale, bias, out);
  if (factor == 3) return shrink_width<3>(rows, width, ahead, scale, bias, out);
  shrink_width<4>(rows, width, ahead, scale, bias, out);
}

void blend_rows(const uint8_t* const* rows, const int16_t* weights, int taps, int width,
                int channels, ptrdiff_t ahead, int16_t* const* planes) {
  if (width < 16) return scalar::blend_rows(rows, weights, taps, width, channels, ahead, planes);
  switch (taps) {
    case 1:
      return blend_width<1, true>(rows, weights, taps, width, channels, ahead, planes);
    case 2:
      return blend_width<2, true>(rows, weights, taps, width, channels, ahead, planes);
    case 3:
      return blend_width<3, true>(rows, weights, taps, width, channels, ahead, planes);
    case 4:
      return blend_width<4, true>(rows, weights, taps, width, channels, ahead, planes);
    default:
      return blend_width<0, true>(rows, weights, taps, width, channels, ahead, planes);
  }
}

void sum_rows(const uint8_t* const* rows, int taps, int width, int channels, ptrdiff_t ahead,
              int16_t* const* planes) {
  if (width < 16 || taps < 2) {
    return scalar::sum_rows(rows, taps, width, channels, ahead, planes);
  }
  switch (taps) {
    case 2:
      return blend_width<2, false>(rows, nullptr, taps, width, channels, ahead, planes);
    case 3:
      return blend_width<3, false>(rows, nullptr, taps, width, channels, ahead, planes);
    default:
      return blend_width<0, false>(rows, nullptr, taps, width, channels, ahead, planes);
  }
}

void resample_row(const int16_t* const* planes, const ColumnTaps& taps, int width,
                  const float* scale, const float* bias, float* const* out) {
  if (width < 4) return scalar::resample_row(planes, taps, width, scale, bias, out);
  if (taps.taps == 2) {
    resample_width(planes, taps, width, scale, bias, out, TwoTapSum());
  } else if (taps.taps == 4) {
    resample_width(planes, taps, width, scale, bias, out, ManyTapSum<4>());
  } else {
    resample_width(planes, taps, width, scale, bias, out, ManyTapSum<0>());
  }
}

}  // namespace rostro::neon
