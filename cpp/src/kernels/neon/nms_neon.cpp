#include <arm_neon.h>

#include "kernels/levels.hpp"

namespace rostro::neon {

namespace {

/// One box in every lane.
struct Box {
  float32x4_t x1, y1, x2, y2, area;
};

Box broadcast(const BoxArrays& boxes, size_t i) {
  return {vdupq_n_f32(boxes.x1[i]), vdupq_n_f32(boxes.y1[i]), vdupq_n_f32(boxes.x2[i]),
          vdupq_n_f32(boxes.y2[i]), vdupq_n_f32(boxes.area[i])};
}

/// a < b ? a : b and a > b ? a : b of the specification, which fmin and fmax are not for NaN.
float32x4_t minimum(float32x4_t a, float32x4_t b) { return vbslq_f32(vcltq_f32(a, b), a, b); }
float32x4_t maximum(float32x4_t a, float32x4_t b) { return vbslq_f32(vcgtq_f32(a, b), a, b); }

/// Intersection and union of the box with 4 others.
struct Areas {
  float32x4_t overlap, together;
};

Areas compare(const BoxArrays& boxes, const Box& box, size_t j) {
  const float32x4_t zero = vdupq_n_f32(0.0f);
  const float32x4_t width =
      vsubq_f32(minimum(box.x2, vld1q_f32(boxes.x2 + j)), maximum(box.x1, vld1q_f32(boxes.x1 + j)));
  const float32x4_t height =
      vsubq_f32(minimum(box.y2, vld1q_f32(boxes.y2 + j)), maximum(box.y1, vld1q_f32(boxes.y1 + j)));
  const float32x4_t overlap = vmulq_f32(maximum(width, zero), maximum(height, zero));
  const float32x4_t areas = vaddq_f32(box.area, vld1q_f32(boxes.area + j));
  return {overlap, vsubq_f32(areas, overlap)};
}

float32x4_t ratio(const Areas& areas) {
  const uint32x4_t meets = vcgtq_f32(areas.overlap, vdupq_n_f32(0.0f));
  const uint32x4_t bits = vreinterpretq_u32_f32(vdivq_f32(areas.overlap, areas.together));
  return vreinterpretq_f32_u32(vandq_u32(meets, bits));
}

}  // namespace

// A division of four takes 18 cycles on A72 and 10 on A76 and is not pipelined, so it is skipped
// where none of the four meets box i, as is the rule among many faces.
void iou_row(const BoxArrays& boxes, size_t i, size_t begin, size_t end, float* iou) {
  const BoxArrays arrays = boxes;  // a copy: stores to `iou` could change what is referred to
  const Box box = broadcast(arrays, i);
  const float32x4_t zero = vdupq_n_f32(0.0f);
  size_t j = begin;
  for (; j + 4 <= end; j += 4) {
    const Areas areas = compare(arrays, box, j);
    const bool meets = vmaxvq_u32(vcgtq_f32(areas.overlap, zero)) != 0;
    vst1q_f32(iou + j, meets ? ratio(areas) : zero);
  }
  scalar::iou_row(boxes, i, j, end, iou);
}

// Few boxes are suppressed: 4 are compared without a division, against a limit a little below the
// threshold, and one branch passes on. Only where one reaches the limit does the division decide,
// as in iou_row. (iou above t means overlap > t together, and rounding is monotonic.)
void suppress_row(const BoxArrays& boxes, size_t i, size_t begin, size_t end, float threshold,
                  uint8_t* suppressed) {
  const BoxArrays arrays = boxes;  // a copy: stores could change what is referred to
  const Box box = broadcast(arrays, i);
  const float below = threshold * 0.999999f;
  size_t j = begin;
  for (; j + 4 <= end; j += 4) {
    const Areas areas = compare(arrays, box, j);
    const uint32x4_t near = vcgeq_f32(areas.overlap, vmulq_n_f32(areas.together, below));
    if (vmaxvq_u32(near) == 0) continue;
    uint32_t above[4];
    vst1q_u32(above, vcgtq_f32(ratio(areas), vdupq_n_f32(threshold)));
    for (size_t lane = 0; lane < 4; ++lane) {
      if (above[lane] != 0) suppressed[j + lane] = 1;
    }
  }
  scalar::suppress_row(boxes, i, j, end, threshold, suppressed);
}

}  // namespace rostro::neon
