#include "kernels/levels.hpp"

namespace rostro::scalar {

namespace {

uint8_t to_byte(int value) {
  const int pixel = (value + (1 << 19)) >> 20;
  return static_cast<uint8_t>(pixel < 0 ? 0 : pixel > 255 ? 255 : pixel);
}

}  // namespace

void yuv_row(const YuvRow& row, int width, uint8_t* bgr) {
  for (int x = 0; x < width; ++x) {
    const int luma = row.y[x * row.y_step] - 16;
    const int y = 1220542 * (luma < 0 ? 0 : luma);
    const int u = row.u[(x / 2) * row.uv_step] - 128;
    const int v = row.v[(x / 2) * row.uv_step] - 128;
    bgr[3 * x] = to_byte(y + 2116026 * u);
    bgr[3 * x + 1] = to_byte(y - 409993 * u - 852492 * v);
    bgr[3 * x + 2] = to_byte(y + 1673527 * v);
  }
}

void drop_alpha_row(const uint8_t* pixels, int width, uint8_t* row) {
  for (int x = 0; x < width; ++x) {
    for (int c = 0; c < 3; ++c) row[3 * x + c] = pixels[4 * x + c];
  }
}

}  // namespace rostro::scalar
