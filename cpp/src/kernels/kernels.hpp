#pragma once

// What a kernel is: a function over raw pointers and sizes that somebody else has checked. It
// allocates nothing, throws nothing and includes no C++ library header, for an inline function of
// such a header would be compiled with this file's instruction set and could be the copy that the
// linker keeps for everybody (SIGILL on lesser CPUs).
//
// Levels agree bit for bit in every integer, and in every float result that is not said to have a
// tolerance here.

#include <stddef.h>
#include <stdint.h>

namespace rostro {

/// Number of elements that a kernel may read (never use) past the end of a blended plane, and past
/// the end of a table of taps.
inline constexpr int kPlanePadding = 64;

/// Vertical pass of a resampling, and the split into planes: for every byte i of `rows`, with
/// p_j = rows[j][i] and c = i % channels,
///   planes[c][i / channels] = sat16(128 p_0 + sum over j >= 1 of round((p_j - p_0) * weights[j] /
///   256))
/// the weights being in 1/32768 and 0 <= weights[j]; one term after the other saturates. The result
/// is the blended pixel in 1/128. `channels` is 1 or 3.
using BlendRowsFn = void (*)(const uint8_t* const* rows, const int16_t* weights, int taps,
                             int width, int channels, int16_t* const* planes);

/// Where the samples of one row of a YUV 4:2:0 or 4:2:2 frame lie; two pixels share a U and a V.
struct YuvRow {
  const uint8_t* y;
  const uint8_t* u;
  const uint8_t* v;
  int y_step;   ///< bytes from one luma sample to the next: 1 in NV12, 2 in YUYV
  int uv_step;  ///< bytes from one chroma sample to the next: 2 in NV12, 4 in YUYV
};

/// ITU-R BT.601 limited range to BGR, `width` pixels (even), with the factors in 1/2^20, rounded:
/// with y = 1220542 max(Y - 16, 0), u = U - 128, v = V - 128,
///   B = y + 2116026 u, G = y - 409993 u - 852492 v, R = y + 1673527 v, clamped to 0..255.
using YuvRowFn = void (*)(const YuvRow& row, int width, uint8_t* bgr);

/// Which pixels of a row an output pixel is made of: pixel x is the sum over t < taps of
/// plane[first[x] + t] * weight(x, t). `taps` is even; weights are in 1/16384, sum to 16384, and
/// lie in pairs: weights[(t / 2) * 2 * stride + 2 * x + t % 2].
struct ColumnTaps {
  const int32_t* first;
  const int16_t* weights;
  int taps;
  int stride;  ///< outputs that the tables have room for: width rounded up to 64
};

/// Horizontal pass: out[x] = float(sum) * scale + bias for x < width, the sum being exact in int32.
/// Tolerance: `out` may differ by one rounding of the product (a fused multiply-add or not).
using ResampleRowFn = void (*)(const int16_t* plane, const ColumnTaps& taps, int width, float scale,
                               float bias, float* out);

/// A frame of interleaved 3-byte pixels.
struct Pixels {
  const uint8_t* data;
  ptrdiff_t row_stride;
  int width;
  int height;
};

/// One row of a bilinear warp: for x < width, the source point is
///   sx = clamp(x * m[0] + (y * m[1] + m[2])), sy = clamp(x * m[3] + (y * m[4] + m[5]))
/// in float32, every product and sum rounded, clamped to [-2, width + 1] and [-2, height + 1]. With
/// x0 = floor(sx), f = int((sx - x0) * 32768) capped at 32767 and lerp(a, b, f) = a + round((b - a)
/// * f / 32768) on pixels in 1/128, the result is (lerp(lerp(p00, p01, fx), lerp(p10, p11, fx), fy)
/// + 64) >> 7. Pixels outside the frame are 0. `swap` exchanges the first and the third channel.
using WarpRowFn = void (*)(const Pixels& source, const float* m, int y, int width, bool swap,
                           uint8_t* out);

/// planes[c][x] = row[3 x + c] * scale[c] + bias[c]. Tolerance as for ResampleRowFn.
using NormalizeRowFn = void (*)(const uint8_t* row, int width, const float* scale,
                                const float* bias, float* const* planes);

/// Writes the indices i < n with scores[i] >= threshold to `indices`, rising, and returns how many
/// there are. NaN is below every threshold.
using SelectScoresFn = size_t (*)(const float* scores, size_t n, float threshold,
                                  uint32_t* indices);

/// The same for the scores sqrt(clamp(cls[i]) * clamp(obj[i])), clamp being to 0..1 with NaN to 0;
/// writes them to `scores` beside the indices.
using SelectProductsFn = size_t (*)(const float* cls, const float* obj, size_t n, float threshold,
                                    uint32_t* indices, float* scores);

/// Boxes as a structure of arrays.
struct BoxArrays {
  const float* x1;
  const float* y1;
  const float* x2;
  const float* y2;
  const float* area;  ///< (x2 - x1) * (y2 - y1), at least 0
};

/// iou[j] = intersection over union of box i with box j for begin <= j < end; 0 where the
/// intersection is empty. Every operation is rounded on its own (no fused multiply-add).
using IouRowFn = void (*)(const BoxArrays& boxes, size_t i, size_t begin, size_t end, float* iou);

/// One choice of every kernel.
struct KernelTable {
  YuvRowFn yuv_row;
  BlendRowsFn blend_rows;
  ResampleRowFn resample_row;
  WarpRowFn warp_row;
  NormalizeRowFn normalize_row;
  SelectScoresFn select_scores;
  SelectProductsFn select_products;
  IouRowFn iou_row;
};

/// Each level's kernels take the place of lesser ones in the table.
void fill_scalar(KernelTable& table);

}  // namespace rostro
