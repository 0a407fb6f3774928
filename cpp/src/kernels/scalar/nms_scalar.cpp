#include "kernels/scalar/scalar.hpp"

namespace rostro::scalar {

namespace {

float minimum(float a, float b) { return a < b ? a : b; }
float maximum(float a, float b) { return a > b ? a : b; }

}  // namespace

void iou_row(const BoxArrays& boxes, size_t i, size_t begin, size_t end, float* iou) {
  for (size_t j = begin; j < end; ++j) {
    const float width = minimum(boxes.x2[i], boxes.x2[j]) - maximum(boxes.x1[i], boxes.x1[j]);
    const float height = minimum(boxes.y2[i], boxes.y2[j]) - maximum(boxes.y1[i], boxes.y1[j]);
    const float overlap = maximum(width, 0.0f) * maximum(height, 0.0f);
    const float together = boxes.area[i] + boxes.area[j] - overlap;
    iou[j] = overlap > 0.0f ? overlap / together : 0.0f;
  }
}

}  // namespace rostro::scalar
