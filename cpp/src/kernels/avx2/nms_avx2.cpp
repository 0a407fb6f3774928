#include <immintrin.h>

#include "kernels/levels.hpp"

namespace rostro::avx2 {

namespace {

/// One box in every lane.
struct Box {
  __m256 x1, y1, x2, y2, area;
};

Box broadcast(const BoxArrays& boxes, size_t i) {
  return {_mm256_set1_ps(boxes.x1[i]), _mm256_set1_ps(boxes.y1[i]), _mm256_set1_ps(boxes.x2[i]),
          _mm256_set1_ps(boxes.y2[i]), _mm256_set1_ps(boxes.area[i])};
}

/// Intersection and union of the box with 8 others.
struct Areas {
  __m256 overlap, together;
};

// minps and maxps return their second operand for NaN and for two zeros, as the scalar
// a < b ? a : b does.
Areas compare(const BoxArrays& boxes, const Box& box, size_t j) {
  const __m256 zero = _mm256_setzero_ps();
  const __m256 width = _mm256_sub_ps(_mm256_min_ps(box.x2, _mm256_loadu_ps(boxes.x2 + j)),
                                     _mm256_max_ps(box.x1, _mm256_loadu_ps(boxes.x1 + j)));
  const __m256 height = _mm256_sub_ps(_mm256_min_ps(box.y2, _mm256_loadu_ps(boxes.y2 + j)),
                                      _mm256_max_ps(box.y1, _mm256_loadu_ps(boxes.y1 + j)));
  const __m256 overlap = _mm256_mul_ps(_mm256_max_ps(width, zero), _mm256_max_ps(height, zero));
  const __m256 areas = _mm256_add_ps(box.area, _mm256_loadu_ps(boxes.area + j));
  return {overlap, _mm256_sub_ps(areas, overlap)};
}

__m256 ratio(const Areas& areas) {
  const __m256 meets = _mm256_cmp_ps(areas.overlap, _mm256_setzero_ps(), _CMP_GT_OQ);
  return _mm256_and_ps(meets, _mm256_div_ps(areas.overlap, areas.together));
}

}  // namespace

void iou_row(const BoxArrays& boxes, size_t i, size_t begin, size_t end, float* iou) {
  const BoxArrays arrays = boxes;  // a copy: stores to `iou` could change what is referred to
  const Box box = broadcast(arrays, i);
  size_t j = begin;
  for (; j + 8 <= end; j += 8) _mm256_storeu_ps(iou + j, ratio(compare(arrays, box, j)));
  scalar::iou_row(boxes, i, j, end, iou);
}

// Few boxes are suppressed: 8 are compared without a division, against a limit a little below the
// threshold, and one branch passes on. Only where one reaches the limit does the division decide,
// as in iou_row. (iou above t means overlap > t together, and rounding is monotonic.)
void suppress_row(const BoxArrays& boxes, size_t i, size_t begin, size_t end, float threshold,
                  uint8_t* suppressed) {
  const BoxArrays arrays = boxes;  // a copy: stores could change what is referred to
  const Box box = broadcast(arrays, i);
  const __m256 below = _mm256_set1_ps(threshold * 0.999999f);
  size_t j = begin;
  for (; j + 8 <= end; j += 8) {
    const Areas areas = compare(arrays, box, j);
    const __m256 limit = _mm256_mul_ps(areas.together, below);
    if (_mm256_movemask_ps(_mm256_cmp_ps(areas.overlap, limit, _CMP_GE_OQ)) == 0) continue;
    const __m256 above = _mm256_cmp_ps(ratio(areas), _mm256_set1_ps(threshold), _CMP_GT_OQ);
    unsigned mask = static_cast<unsigned>(_mm256_movemask_ps(above));
    for (; mask != 0; mask &= mask - 1) {
      suppressed[j + static_cast<size_t>(__builtin_ctz(mask))] = 1;
    }
  }
  scalar::suppress_row(boxes, i, j, end, threshold, suppressed);
}

}  // namespace rostro::avx2
