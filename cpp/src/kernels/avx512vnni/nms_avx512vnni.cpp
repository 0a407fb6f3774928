#include <immintrin.h>

#include "kernels/levels.hpp"

namespace rostro::avx512vnni {

namespace {

/// One box in every lane.
struct Box {
  __m512 x1, y1, x2, y2, area;
};

Box broadcast(const BoxArrays& boxes, size_t i) {
  return {_mm512_set1_ps(boxes.x1[i]), _mm512_set1_ps(boxes.y1[i]), _mm512_set1_ps(boxes.x2[i]),
          _mm512_set1_ps(boxes.y2[i]), _mm512_set1_ps(boxes.area[i])};
}

__mmask16 first_lanes(size_t count) { return static_cast<__mmask16>((1u << count) - 1); }

template <bool kWhole>
__m512 load(const float* from, __mmask16 there) {
  return kWhole ? _mm512_loadu_ps(from) : _mm512_maskz_loadu_ps(there, from);
}

/// Intersection and union of the box with 16 others.
struct Areas {
  __m512 overlap, together;
};

// minps and maxps return their second operand for NaN and for two zeros, as the scalar
// a < b ? a : b does.
template <bool kWhole>
Areas compare(const BoxArrays& boxes, const Box& box, size_t j, __mmask16 there) {
  const __m512 zero = _mm512_setzero_ps();
  const __m512 width = _mm512_sub_ps(_mm512_min_ps(box.x2, load<kWhole>(boxes.x2 + j, there)),
                                     _mm512_max_ps(box.x1, load<kWhole>(boxes.x1 + j, there)));
  const __m512 height = _mm512_sub_ps(_mm512_min_ps(box.y2, load<kWhole>(boxes.y2 + j, there)),
                                      _mm512_max_ps(box.y1, load<kWhole>(boxes.y1 + j, there)));
  const __m512 overlap = _mm512_mul_ps(_mm512_max_ps(width, zero), _mm512_max_ps(height, zero));
  const __m512 areas = _mm512_add_ps(box.area, load<kWhole>(boxes.area + j, there));
  return {overlap, _mm512_sub_ps(areas, overlap)};
}

__m512 ratio(const Areas& areas) {
  const __mmask16 meets = _mm512_cmp_ps_mask(areas.overlap, _mm512_setzero_ps(), _CMP_GT_OQ);
  return _mm512_maskz_div_ps(meets, areas.overlap, areas.together);
}

template <bool kWhole>
void suppress_block(const BoxArrays& boxes, const Box& box, size_t j, __mmask16 there,
                    float threshold, uint8_t* suppressed) {
  const Areas areas = compare<kWhole>(boxes, box, j, there);
  const __m512 limit = _mm512_mul_ps(areas.together, _mm512_set1_ps(threshold * 0.999999f));
  if (_mm512_cmp_ps_mask(areas.overlap, limit, _CMP_GE_OQ) == 0) return;
  unsigned mask =
      _mm512_mask_cmp_ps_mask(there, ratio(areas), _mm512_set1_ps(threshold), _CMP_GT_OQ);
  for (; mask != 0; mask &= mask - 1) suppressed[j + static_cast<size_t>(__builtin_ctz(mask))] = 1;
}

}  // namespace

void iou_row(const BoxArrays& boxes, size_t i, size_t begin, size_t end, float* iou) {
  const BoxArrays arrays = boxes;  // a copy: stores to `iou` could change what is referred to
  const Box box = broadcast(arrays, i);
  size_t j = begin;
  for (; j + 16 <= end; j += 16) {
    _mm512_storeu_ps(iou + j, ratio(compare<true>(arrays, box, j, 0xFFFF)));
  }
  if (j == end) return;
  const __mmask16 there = first_lanes(end - j);
  _mm512_mask_storeu_ps(iou + j, there, ratio(compare<false>(arrays, box, j, there)));
}

// Few boxes are suppressed: 16 are compared without a division, against a limit a little below the
// threshold, and one branch passes on. Only where one reaches the limit does the division decide,
// as in iou_row. (iou above t means overlap > t together, and rounding is monotonic.)
void suppress_row(const BoxArrays& boxes, size_t i, size_t begin, size_t end, float threshold,
                  uint8_t* suppressed) {
  const BoxArrays arrays = boxes;  // a copy: stores could change what is referred to
  const Box box = broadcast(arrays, i);
  size_t j = begin;
  for (; j + 16 <= end; j += 16) {
    suppress_block<true>(arrays, box, j, 0xFFFF, threshold, suppressed);
  }
  if (j == end) return;
  suppress_block<false>(arrays, box, j, first_lanes(end - j), threshold, suppressed);
}

}  // namespace rostro::avx512vnni
