#include "kernels/levels.hpp"

namespace rostro::scalar {

float quantize_row(const float* v, size_t dim, int8_t* codes) {
  // The bits of |v| rise with |v|; infinity and NaN are above all numbers.
  uint32_t largest = 0;
  for (size_t i = 0; i < dim; ++i) {
    uint32_t bits;
    __builtin_memcpy(&bits, v + i, sizeof bits);
    bits &= 0x7fffffff;
    largest = bits > largest ? bits : largest;
  }
  if (largest >= 0x7f800000) return __builtin_nanf("");
  float m;
  __builtin_memcpy(&m, &largest, sizeof m);
  if (m < 0x1p-118f) {
    for (size_t i = 0; i < dim; ++i) codes[i] = 0;
    return 0.0f;
  }
  const float factor = 127.0f / m;
  // Where floats are 1 apart, the addition rounds to the nearest integer, ties to even.
  const float ones = 0x1.8p23f;
  for (size_t i = 0; i < dim; ++i) {
    const float scaled = v[i] * factor;
    codes[i] = static_cast<int8_t>(static_cast<int>((scaled + ones) - ones));
  }
  return m / 127.0f;
}

}  // namespace rostro::scalar
