#pragma once

#include "kernels/kernels.hpp"

namespace rostro::scalar {

void yuv_row(const YuvRow& row, int width, uint8_t* bgr);
void blend_rows(const uint8_t* const* rows, const int16_t* weights, int taps, int width,
                int channels, ptrdiff_t ahead, int16_t* const* planes);
void sum_rows(const uint8_t* const* rows, int taps, int width, int channels, ptrdiff_t ahead,
              int16_t* const* planes);
void resample_row(const int16_t* const* planes, const ColumnTaps& taps, int width,
                  const float* scale, const float* bias, float* const* out);
void warp_row(const Pixels& source, const float* m, int y, int width, bool swap, uint8_t* out);
void normalize_row(const uint8_t* row, int width, const float* scale, const float* bias,
                   float* const* planes);
size_t select_scores(const float* scores, size_t n, float threshold, uint32_t* indices);
size_t select_products(const float* cls, const float* obj, size_t n, float threshold,
                       uint32_t* indices, float* scores);
void iou_row(const BoxArrays& boxes, size_t i, size_t begin, size_t end, float* iou);
void suppress_row(const BoxArrays& boxes, size_t i, size_t begin, size_t end, float threshold,
                  uint8_t* suppressed);
float quantize_row(const float* v, size_t dim, int8_t* codes);
void dot_rows(const int8_t* rows, size_t count, size_t dim, const QueryCodes& query, int32_t* dots);
void pack_rows(const int8_t* rows, size_t dim, int8_t* packed);
void dot_packed(const int8_t* packed, size_t dim, const QueryCodes& queries, int32_t* dots);
uint64_t select_above(const int32_t* dots, const float* scales, float query_scale, float threshold);

}  // namespace rostro::scalar
