#include "kernels/levels.hpp"

namespace rostro::scalar {

namespace {

int distance(uint8_t a, uint8_t b) { return a < b ? b - a : a - b; }

}  // namespace

void luma_row(const uint8_t* row, int width, const uint8_t* weights, uint8_t* luma) {
  for (int x = 0; x < width; ++x, row += 3) {
    const int sum = row[0] * weights[0] + row[1] * weights[1] + row[2] * weights[2];
    luma[x] = static_cast<uint8_t>((sum + 64) >> 7);
  }
}

void variation_row(const uint8_t* a, const uint8_t* b, const uint8_t* c, const uint8_t* d, int n,
                   uint32_t* sums) {
  for (int i = 0; i < n; ++i) {
    const int sharp = 9 * distance(a[i], b[i]);
    const int lost = sharp - distance(c[i], d[i]);
    sums[0] += static_cast<uint32_t>(sharp);
    sums[1] += static_cast<uint32_t>(lost > 0 ? lost : 0);
  }
}

void step_row(const uint8_t* a, const uint8_t* b, const uint8_t* c, const uint8_t* d, int n,
              uint16_t* steps) {
  for (int i = 0; i < n; ++i) {
    const int more = 2 * distance(b[i], c[i]) - distance(a[i], b[i]) - distance(c[i], d[i]);
    steps[i] = static_cast<uint16_t>(steps[i] + (more > 0 ? more : 0));
  }
}

}  // namespace rostro::scalar
