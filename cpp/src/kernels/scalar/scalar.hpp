#pragma once

#include "kernels/kernels.hpp"

namespace rostro::scalar {

void yuv_row(const YuvRow& row, int width, uint8_t* bgr);
void blend_rows(const uint8_t* const* rows, const int16_t* weights, int taps, int width,
                int channels, int16_t* const* planes);
void resample_row(const int16_t* plane, const ColumnTaps& taps, int width, float scale, float bias,
                  float* out);
void warp_row(const Pixels& source, const float* m, int y, int width, bool swap, uint8_t* out);
void normalize_row(const uint8_t* row, int width, const float* scale, const float* bias,
                   float* const* planes);
size_t select_scores(const float* scores, size_t n, float threshold, uint32_t* indices);
size_t select_products(const float* cls, const float* obj, size_t n, float threshold,
                       uint32_t* indices, float* scores);
void iou_row(const BoxArrays& boxes, size_t i, size_t begin, size_t end, float* iou);

}  // namespace rostro::scalar
