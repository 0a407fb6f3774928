#include "kernels/levels.hpp"

namespace rostro::scalar {

namespace {

float minimum(float a, float b) { return a < b ? a : b; }
float maximum(float a, float b) { return a > b ? a : b; }

float iou(const BoxArrays& boxes, size_t i, size_t j) {
  const float width = minimum(boxes.x2[i], boxes.x2[j]) - maximum(boxes.x1[i], boxes.x1[j]);
  const float height = minimum(boxes.y2[i], boxes.y2[j]) - maximum(boxes.y1[i], boxes.y1[j]);
  const float overlap = maximum(width, 0.0f) * maximum(height, 0.0f);
  const float together = boxes.area[i] + boxes.area[j] - overlap;
  return overlap > 0.0f ? overlap / together : 0.0f;
}

}  // namespace

void iou_row(const BoxArrays& boxes, size_t i, size_t begin, size_t end, float* row) {
  for (size_t j = begin; j < end; ++j) row[j] = iou(boxes, i, j);
}

void suppress_row(const BoxArrays& boxes, size_t i, size_t begin, size_t end, float threshold,
                  uint8_t* suppressed) {
  for (size_t j = begin; j < end; ++j) {
    if (iou(boxes, i, j) > threshold) suppressed[j] = 1;
  }
}

}  // namespace rostro::scalar
