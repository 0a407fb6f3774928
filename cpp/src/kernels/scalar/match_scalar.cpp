#include "kernels/levels.hpp"

namespace rostro::scalar {

namespace {

int32_t dot(const int8_t* a, const int8_t* b, size_t dim) {
  int32_t sum = 0;
  for (size_t i = 0; i < dim; ++i) sum += a[i] * b[i];
  return sum;
}

}  // namespace

void dot_rows(const int8_t* rows, size_t count, size_t dim, const QueryCodes& query,
              int32_t* dots) {
  for (size_t r = 0; r < count; ++r) dots[r] = dot(rows + r * dim, query.codes, dim);
}

void pack_rows(const int8_t* rows, size_t dim, int8_t* packed) {
  __builtin_memcpy(packed, rows, kMatchRows * dim);
}

void dot_packed(const int8_t* packed, size_t dim, const QueryCodes& queries, int32_t* dots) {
  for (size_t r = 0; r < kMatchRows; ++r) {
    for (size_t q = 0; q < kMatchQueries; ++q) {
      dots[q * kMatchRows + r] = dot(packed + r * dim, queries.codes + q * queries.stride, dim);
    }
  }
}

uint64_t select_above(const int32_t* dots, const float* scales, float query_scale,
                      float threshold) {
  uint64_t above = 0;
  for (size_t r = 0; r < kMatchRows; ++r) {
    const float similarity = static_cast<float>(dots[r]) * (scales[r] * query_scale);
    above |= static_cast<uint64_t>(similarity > threshold) << r;
  }
  return above;
}

}  // namespace rostro::scalar
