#include <immintrin.h>

#include "kernels/levels.hpp"

namespace rostro::avx512vnni {

namespace {

__mmask16 lanes(size_t left) {
  return static_cast<__mmask16>(left >= 16 ? 0xffff : (1u << left) - 1);
}

/// Bits of the largest |v|; infinity and NaN are above all numbers.
int largest_bits(const float* v, size_t dim) {
  const __m512i magnitude = _mm512_set1_epi32(0x7fffffff);
  __m512i a = _mm512_setzero_si512(), b = a, c = a, d = a;
  size_t i = 0;
  for (; i + 64 <= dim; i += 64) {
    a = _mm512_max_epi32(a, _mm512_and_si512(_mm512_loadu_si512(v + i), magnitude));
    b = _mm512_max_epi32(b, _mm512_and_si512(_mm512_loadu_si512(v + i + 16), magnitude));
    c = _mm512_max_epi32(c, _mm512_and_si512(_mm512_loadu_si512(v + i + 32), magnitude));
    d = _mm512_max_epi32(d, _mm512_and_si512(_mm512_loadu_si512(v + i + 48), magnitude));
  }
  for (; i < dim; i += 16) {
    const __m512i bits = _mm512_maskz_loadu_epi32(lanes(dim - i), v + i);
    a = _mm512_max_epi32(a, _mm512_and_si512(bits, magnitude));
  }
  return _mm512_reduce_max_epi32(_mm512_max_epi32(_mm512_max_epi32(a, b), _mm512_max_epi32(c, d)));
}

}  // namespace

// Bound by its loads: the row is read twice, the second time from L1. A vpmovsdb (2 uops, 16 codes)
// costs less than packing four vectors and putting their lanes in order. Meanwhile the next row is
// on its way, for the first pass not to wait for it.
float quantize_row(const float* v, size_t dim, int8_t* codes) {
  const int largest = largest_bits(v, dim);
  if (largest >= 0x7f800000) return __builtin_nanf("");
  float m;
  __builtin_memcpy(&m, &largest, sizeof m);
  if (m < 0x1p-118f) {
    __builtin_memset(codes, 0, dim);
    return 0.0f;
  }
  const __m512 factor = _mm512_set1_ps(127.0f / m);
  size_t i = 0;
  for (; i + 16 <= dim; i += 16) {
    _mm_prefetch(reinterpret_cast<const char*>(v + dim + i), _MM_HINT_T0);
    const __m512i rounded = _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_loadu_ps(v + i), factor));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(codes + i), _mm512_cvtsepi32_epi8(rounded));
  }
  if (i < dim) {
    const __mmask16 left = lanes(dim - i);
    const __m512 scaled = _mm512_mul_ps(_mm512_maskz_loadu_ps(left, v + i), factor);
    _mm512_mask_cvtsepi32_storeu_epi8(codes + i, left, _mm512_cvtps_epi32(scaled));
  }
  return m / 127.0f;
}

}  // namespace rostro::avx512vnni
