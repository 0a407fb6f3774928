#include <math.h>

#include "kernels/levels.hpp"

namespace rostro::scalar {

namespace {

/// The comparisons are so written that NaN becomes `low`.
float clamp(float value, float low, float high) {
  return value > low ? (value < high ? value : high) : low;
}

int lerp(int a, int b, int fraction) { return a + (((b - a) * fraction + (1 << 14)) >> 15); }

int fraction_of(float value, int whole) {
  const int fraction = static_cast<int>((value - static_cast<float>(whole)) * 32768.0f);
  return fraction > 32767 ? 32767 : fraction;
}

}  // namespace

void warp_row(const Pixels& source, const float* m, int y, int width, bool swap, uint8_t* out) {
  const float row_x = static_cast<float>(y) * m[1] + m[2];
  const float row_y = static_cast<float>(y) * m[4] + m[5];
  const float last_x = static_cast<float>(source.width) + 1.0f;
  const float last_y = static_cast<float>(source.height) + 1.0f;
  for (int x = 0; x < width; ++x) {
    const float sx = clamp(static_cast<float>(x) * m[0] + row_x, -2.0f, last_x);
    const float sy = clamp(static_cast<float>(x) * m[3] + row_y, -2.0f, last_y);
    const int x0 = static_cast<int>(floorf(sx));
    const int y0 = static_cast<int>(floorf(sy));
    const int fx = fraction_of(sx, x0);
    const int fy = fraction_of(sy, y0);
    for (int c = 0; c < 3; ++c) {
      int corners[2][2];
      for (int j = 0; j < 2; ++j) {
        for (int i = 0; i < 2; ++i) {
          const bool inside =
              x0 + i >= 0 && x0 + i < source.width && y0 + j >= 0 && y0 + j < source.height;
          corners[j][i] =
              inside ? source.data[(y0 + j) * source.row_stride + 3 * (x0 + i) + c] << 7 : 0;
        }
      }
      const int top = lerp(corners[0][0], corners[0][1], fx);
      const int bottom = lerp(corners[1][0], corners[1][1], fx);
      const int value = (lerp(top, bottom, fy) + 64) >> 7;
      out[3 * x + (swap ? 2 - c : c)] = static_cast<uint8_t>(value);
    }
  }
}

void normalize_row(const uint8_t* row, int width, const float* scale, const float* bias,
                   float* const* planes) {
  for (int x = 0; x < width; ++x) {
    for (int c = 0; c < 3; ++c) {
      planes[c][x] = static_cast<float>(row[3 * x + c]) * scale[c] + bias[c];
    }
  }
}

}  // namespace rostro::scalar
