#include "kernels/levels.hpp"

namespace rostro::scalar {

namespace {

int16_t saturate(int value) {
  return static_cast<int16_t>(value > 32767 ? 32767 : value < -32768 ? -32768 : value);
}

}  // namespace

void blend_rows(const uint8_t* const* rows, const int16_t* weights, int taps, int width,
                int channels, ptrdiff_t /*ahead*/, int16_t* const* planes) {
  for (int x = 0; x < width; ++x) {
    for (int c = 0; c < channels; ++c) {
      const int i = x * channels + c;
      const int first = rows[0][i];
      int sum = first << 7;
      for (int j = 1; j < taps; ++j) {
        const int difference = (rows[j][i] - first) * 128;
        sum = saturate(sum + ((difference * weights[j] + (1 << 14)) >> 15));
      }
      planes[c][x] = static_cast<int16_t>(sum);
    }
  }
}

void sum_rows(const uint8_t* const* rows, int taps, int width, int channels, ptrdiff_t /*ahead*/,
              int16_t* const* planes) {
  for (int x = 0; x < width; ++x) {
    for (int c = 0; c < channels; ++c) {
      int sum = 0;
      for (int j = 0; j < taps; ++j) sum += rows[j][x * channels + c];
      planes[c][x] = static_cast<int16_t>(sum);
    }
  }
}

void resample_row(const int16_t* const* planes, const ColumnTaps& taps, int width,
                  const float* scale, const float* bias, float* const* out) {
  for (int c = 0; c < 3; ++c) {
    for (int x = 0; x < width; ++x) {
      const int16_t* pixels = planes[c] + taps.first[x];
      int32_t sum = 0;
      for (int t = 0; t < taps.taps; t += 2) {
        const int16_t* weights = taps.weights + static_cast<ptrdiff_t>(t) * taps.stride + 2 * x;
        sum += pixels[t] * weights[0] + pixels[t + 1] * weights[1];
      }
      out[c][x] = static_cast<float>(sum) * scale[c] + bias[c];
    }
  }
}

void shrink_rows(const uint8_t* const* rows, int factor, int width, ptrdiff_t /*ahead*/,
                 const float* scale, const float* bias, float* const* out) {
  for (int x = 0; x < width; ++x) {
    for (int c = 0; c < 3; ++c) {
      int32_t sum = 0;
      for (int j = 0; j < factor; ++j) {
        for (int i = 0; i < factor; ++i) sum += rows[j][3 * (factor * x + i) + c];
      }
      out[c][x] = static_cast<float>(sum) * scale[c] + bias[c];
    }
  }
}

}  // namespace rostro::scalar
