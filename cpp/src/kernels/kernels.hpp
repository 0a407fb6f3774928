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
/// is the blended pixel in 1/128. `channels` is 1 or 3. The planes' padding may be overwritten. The
/// next call will want the bytes that lie `ahead` of the rows; a kernel may prefetch them.
using BlendRowsFn = void(const uint8_t* const* rows, const int16_t* weights, int taps, int width,
                         int channels, ptrdiff_t ahead, int16_t* const* planes);

/// The vertical pass where all rows weigh the same, as they do when a frame shrinks by a whole
/// number: planes[c][i / channels] = sum of rows[j][i] over j < taps, at most kMostSummedRows.
/// Everything else as for blend_rows.
inline constexpr int kMostSummedRows = 128;
using SumRowsFn = void(const uint8_t* const* rows, int taps, int width, int channels,
                       ptrdiff_t ahead, int16_t* const* planes);

/// Both passes at once where a colour frame shrinks by a whole number, from 2 to kMostShrink:
///   out[c][x] = float(sum over i, j < factor of rows[j][3 * (factor * x + i) + c]) * scale[c] +
///   bias[c]
/// for x < width. `ahead` as for blend_rows. Tolerance as for ResampleRowFn.
inline constexpr int kMostShrink = 4;
using ShrinkRowsFn = void(const uint8_t* const* rows, int factor, int width, ptrdiff_t ahead,
                          const float* scale, const float* bias, float* const* out);

/// Where the samples of one row of a camera's frame lie; two pixels share a U and a V. They lie in
/// one of three ways: each apart (I420), U and V beside each other in either order (NV12, NV21), or
/// all of two pixels within four bytes (YUYV, UYVY).
struct YuvRow {
  const uint8_t* y;
  const uint8_t* u;
  const uint8_t* v;
  int y_step;   ///< bytes from one luma sample to the next: 1, 1 or 2
  int uv_step;  ///< bytes from one chroma sample to the next: 1, 2 or 4
};

/// ITU-R BT.601 limited range to BGR, `width` pixels (even), with the factors in 1/2^20, rounded:
/// with y = 1220542 max(Y - 16, 0), u = U - 128, v = V - 128,
///   B = y + 2116026 u, G = y - 409993 u - 852492 v, R = y + 1673527 v, clamped to 0..255.
using YuvRowFn = void(const YuvRow& row, int width, uint8_t* bgr);

/// The first three bytes of each pixel of four.
using DropAlphaRowFn = void(const uint8_t* pixels, int width, uint8_t* row);

/// Which pixels of a row an output pixel is made of: pixel x is the sum over t < taps of
/// plane[first[x] + t] * weight(x, t). `taps` is even; weights are in 1/16384, sum to 16384, and
/// lie in pairs: weights[(t / 2) * 2 * stride + 2 * x + t % 2]. Neighbours are near each other,
/// 0 <= first[x + 1] - first[x] <= taps, so that the taps of n outputs lie within n * taps pixels;
/// from width to stride, first repeats its last value.
struct ColumnTaps {
  const int32_t* first;
  const int16_t* weights;
  int taps;
  int stride;  ///< outputs that the tables have room for: width rounded up to 64
};

/// Horizontal pass over three planes: out[c][x] = float(sum) * scale[c] + bias[c] for x < width,
/// the sum being exact in int32. Tolerance: `out` may differ by one rounding of the product (a
/// fused multiply-add or not).
using ResampleRowFn = void(const int16_t* const* planes, const ColumnTaps& taps, int width,
                           const float* scale, const float* bias, float* const* out);

/// A frame of interleaved 3-byte pixels.
struct Pixels {
  const uint8_t* data;
  ptrdiff_t row_stride;
  int width;
  int height;
};

/// One row of a bilinear warp: for x < width, the source point is
///   sx = clamp(x * m[0] + (y * m[1] + m[2])), sy = clamp(x * m[3] + (y * m[4] + m[5]))
/// in float32, every product and sum rounded, clamped to [-2, width + 1] and [-2, height + 1], NaN
/// becoming -2. With x0 = floor(sx), f = int((sx - x0) * 32768) capped at 32767 and lerp(a, b, f) =
/// a + round((b - a) * f / 32768) on pixels in 1/128, the result is
/// (lerp(lerp(p00, p01, fx), lerp(p10, p11, fx), fy) + 64) >> 7. Pixels outside the frame are 0.
/// `swap` exchanges the first and the third channel.
using WarpRowFn = void(const Pixels& source, const float* m, int y, int width, bool swap,
                       uint8_t* out);

/// planes[c][x] = row[3 x + c] * scale[c] + bias[c]. Tolerance as for ResampleRowFn.
using NormalizeRowFn = void(const uint8_t* row, int width, const float* scale, const float* bias,
                            float* const* planes);

/// Number of elements that select_scores and select_products may write past the n that there can
/// be.
inline constexpr size_t kSelectPadding = 16;

/// Writes the indices i < n with scores[i] >= threshold to `indices`, rising, and returns how many
/// there are. NaN is below every threshold. n is less than 2^31.
using SelectScoresFn = size_t(const float* scores, size_t n, float threshold, uint32_t* indices);

/// The same for the scores sqrt(clamp(cls[i]) * clamp(obj[i])), clamp being to 0..1 with NaN to 0;
/// writes them to `scores` beside the indices.
using SelectProductsFn = size_t(const float* cls, const float* obj, size_t n, float threshold,
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
using IouRowFn = void(const BoxArrays& boxes, size_t i, size_t begin, size_t end, float* iou);

/// Sets suppressed[j] to 1 where the result of iou_row is above `threshold` (0..1).
using SuppressRowFn = void(const BoxArrays& boxes, size_t i, size_t begin, size_t end,
                           float threshold, uint8_t* suppressed);

/// codes[i] = v[i] * (127 / m), both operations in float32, rounded to the nearest integer, ties to
/// even, where m = max |v|; returns m / 127. A row with m < 2^-118 counts as zeros: codes 0,
/// returns 0. If an element is not finite, returns NaN and leaves `codes` as they were.
using QuantizeRowFn = float(const float* v, size_t dim, int8_t* codes);

/// Matching goes through the rows of codes in blocks of this many. The kernels may read (never use)
/// all of a block, and kMatchPadding bytes after it.
inline constexpr int kMatchRows = 64;
inline constexpr int kMatchPadding = 64;

/// Queries that dot_packed takes at a time.
inline constexpr int kMatchQueries = 4;

/// Queries of int8 codes from -127 to 127 (-128 would overflow 16-bit sums of two products).
struct QueryCodes {
  const int8_t* codes;  ///< query i begins at i * stride; zeros from dim to stride
  const int32_t* sums;  ///< the sum of each query's codes
  size_t stride;        ///< dim rounded up to 64
};

/// dots[r] = exact dot product of row r with the first query for r < count; entries from there to
/// kMatchRows have no meaning. Rows are `dim` apart, of any int8 codes.
using DotRowsFn = void(const int8_t* rows, size_t count, size_t dim, const QueryCodes& query,
                       int32_t* dots);

/// Lays a block of rows out as this level's dot_packed wants it; `packed` has room for kMatchRows *
/// (dim rounded up to 64) bytes.
using PackRowsFn = void(const int8_t* rows, size_t dim, int8_t* packed);

/// dots[q * kMatchRows + r] = exact dot product of packed row r with query q, for a block of rows
/// and kMatchQueries queries.
using DotPackedFn = void(const int8_t* packed, size_t dim, const QueryCodes& queries,
                         int32_t* dots);

/// Bit r is set where float(dots[r]) * (scales[r] * query_scale) > threshold, for a block of rows.
using SelectAboveFn = uint64_t(const int32_t* dots, const float* scales, float query_scale,
                               float threshold);

/// What a pose is fitted to: points of an object, and where each was seen. The arrays have room for
/// `count` rounded up to kPoseLanes; what lies there is finite, and of weight 0.
inline constexpr int kPoseLanes = 8;
struct PosePoints {
  const double* x;  ///< in the object's frame, metres
  const double* y;
  const double* z;
  const double* u;  ///< pixels from the optical axis
  const double* v;
  const double* weight;  ///< 0 or more
  size_t count;
};

/// A pose: p = rotation (x, y, z) + translation in the camera's frame, seen at
/// (fx p.x / d, fy p.y / d) with d = max(p.z, kLeastDepth).
inline constexpr double kLeastDepth = 1e-3;
struct PoseGuess {
  double rotation[9];
  double translation[3];
  double fx;
  double fy;
  double huber;  ///< pixels, above 0
};

/// The normal equations of a pose for a small turn, by `omega` about the camera's axes, and a shift
/// of it: with r the vector from a point to where it is seen by the pose, e = max(|r|, 1e-12),
/// k = min(e, huber) and J the derivative of r by (omega, translation), q being rotation (x, y, z),
///   J_u = fx / d (-q.y a, q.z + q.x a, -q.y, 1, 0, -a), a = p.x / d
///   J_v = fy / d (-(q.z + q.y b), q.x b, q.x, 0, 1, -b), b = p.y / d
/// the sums over the points are: sums[0..20] the upper triangle of w k / e J^T J row by row,
/// [21..26] w k / e J^T r, [27] the cost w k (2 e - k). Tolerance: 1e-12 of the sum of the absolute
/// terms, for they may be added in any order and with fused multiply-adds.
inline constexpr int kPoseSums = 28;
using PoseSumsFn = void(const PosePoints& points, const PoseGuess& pose, double* sums);

/// The luma of pixels of 3 bytes: luma[x] = (sum over c < 3 of row[3 x + c] * weights[c] + 64) >>
/// 7; the weights are below 128 and sum to 128.
using LumaRowFn = void(const uint8_t* row, int width, const uint8_t* weights, uint8_t* luma);

/// Adds to sums[0] the sum over i < n of 9 |a[i] - b[i]|, and to sums[1] that of
/// max(0, 9 |a[i] - b[i]| - |c[i] - d[i]|): how much of the differences between neighbours a mean
/// over nine pixels takes away, where c and d are the pixel that comes into the mean and the one
/// that leaves it. n is below 2^16, and the sums stay below 2^32.
using VariationRowFn = void(const uint8_t* a, const uint8_t* b, const uint8_t* c, const uint8_t* d,
                            int n, uint32_t* sums);

/// Adds to steps[i] for i < n by how much more b and c differ than each from its other neighbour:
/// max(0, 2 |b[i] - c[i]| - |a[i] - b[i]| - |c[i] - d[i]|). They stay below 2^16.
using StepRowFn = void(const uint8_t* a, const uint8_t* b, const uint8_t* c, const uint8_t* d,
                       int n, uint16_t* steps);

/// Every kernel: its type above and its name. The table's members and the functions of each level
/// (levels.hpp) are made of this list. First those that AVX2, AVX-512 and NEON each have of
/// their own.
#define ROSTRO_COMMON_KERNELS(KERNEL)       \
  KERNEL(YuvRowFn, yuv_row)                 \
  KERNEL(BlendRowsFn, blend_rows)           \
  KERNEL(SumRowsFn, sum_rows)               \
  KERNEL(ResampleRowFn, resample_row)       \
  KERNEL(WarpRowFn, warp_row)               \
  KERNEL(NormalizeRowFn, normalize_row)     \
  KERNEL(SelectScoresFn, select_scores)     \
  KERNEL(SelectProductsFn, select_products) \
  KERNEL(IouRowFn, iou_row)                 \
  KERNEL(SuppressRowFn, suppress_row)       \
  KERNEL(QuantizeRowFn, quantize_row)       \
  KERNEL(DotRowsFn, dot_rows)               \
  KERNEL(DotPackedFn, dot_packed)           \
  KERNEL(SelectAboveFn, select_above)       \
  KERNEL(PoseSumsFn, pose_sums)             \
  KERNEL(LumaRowFn, luma_row)               \
  KERNEL(VariationRowFn, variation_row)     \
  KERNEL(StepRowFn, step_row)

#define ROSTRO_KERNELS(KERNEL)           \
  ROSTRO_COMMON_KERNELS(KERNEL)          \
  KERNEL(DropAlphaRowFn, drop_alpha_row) \
  KERNEL(ShrinkRowsFn, shrink_rows)      \
  KERNEL(PackRowsFn, pack_rows)

/// One choice of every kernel.
struct KernelTable {
#define ROSTRO_MEMBER(Fn, name) Fn* name;
  ROSTRO_KERNELS(ROSTRO_MEMBER)
#undef ROSTRO_MEMBER
};

}  // namespace rostro
