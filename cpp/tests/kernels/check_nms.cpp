#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "rig.hpp"

using namespace rostro;
using rig::Flush;
using rig::GuardedBuffer;

namespace {

/// n boxes, every array of which ends (or begins) at a page that faults.
struct Boxes {
  Boxes(std::size_t n, Flush flush)
      : x1(n, flush), y1(n, flush), x2(n, flush), y2(n, flush), area(n, flush) {}

  BoxArrays view() const { return {x1.data(), y1.data(), x2.data(), y2.data(), area.data()}; }

  void fill(std::mt19937& random, double place, double side) {
    rig::fill(x1, random, 0, place);
    rig::fill(y1, random, 0, place);
    rig::fill(x2, random, -side / 4, side);
    rig::fill(y2, random, -side / 4, side);
    for (std::size_t i = 0; i < x1.size(); ++i) {
      x2[i] += x1[i];
      y2[i] += y1[i];
    }
  }

  void measure() {
    for (std::size_t i = 0; i < x1.size(); ++i) {
      area[i] = std::fmax(x2[i] - x1[i], 0.0f) * std::fmax(y2[i] - y1[i], 0.0f);
    }
  }

  GuardedBuffer<float> x1, y1, x2, y2, area;
};

/// The bits of iou[begin, end), NaN all alike; what lies outside must stay as it was.
std::vector<std::uint32_t> iou_bits(const KernelTable& kernel, const Boxes& boxes, std::size_t i,
                                    std::size_t begin, std::size_t end) {
  const std::size_t n = boxes.x1.size();
  GuardedBuffer<float> iou(n, n % 2 == 0 ? Flush::back : Flush::front);
  for (float& value : iou) value = -7.0f;
  kernel.iou_row(boxes.view(), i, begin, end, iou.data());
  std::vector<std::uint32_t> bits(n);
  for (std::size_t j = 0; j < n; ++j) {
    const float value = std::isnan(iou[j]) ? 9.0f : iou[j];
    std::memcpy(&bits[j], &value, sizeof value);
  }
  return bits;
}

}  // namespace

TEST_CASE("kernels: iou_row is scalar's, bit for bit") {
  rig::for_each_level([](const KernelTable& kernel, std::mt19937& random) {
    const KernelTable& scalar = kernels(simd::Level::scalar);
    const float inf = std::numeric_limits<float>::infinity();
    const float strange[] = {std::nanf(""), inf, -inf, 0.0f, -0.0f, 1e38f, -1e38f, 1e-40f};
    for (std::size_t n = 1; n <= 90; ++n) {
      for (const double place : {20.0, 2000.0}) {  // nearly all meet, nearly none do
        Boxes boxes(n, n % 3 == 0 ? Flush::front : Flush::back);
        boxes.fill(random, place, 30);
        if (n % 2 == 0) {
          for (GuardedBuffer<float>* side : {&boxes.x1, &boxes.y1, &boxes.x2, &boxes.y2}) {
            (*side)[random() % n] = strange[random() % 8];
          }
        }
        boxes.measure();
        const std::size_t i = random() % n, begin = random() % n;
        const std::size_t end = begin + random() % (n - begin + 1);
        CAPTURE(n);
        CAPTURE(begin);
        CAPTURE(end);
        REQUIRE(iou_bits(kernel, boxes, i, 0, n) == iou_bits(scalar, boxes, i, 0, n));
        REQUIRE(iou_bits(kernel, boxes, i, begin, end) == iou_bits(scalar, boxes, i, begin, end));
      }
    }
  });
}

TEST_CASE(
    "kernels: suppress_row marks what scalar's does, at thresholds that are met exactly too") {
  rig::for_each_level([](const KernelTable& kernel, std::mt19937& random) {
    const KernelTable& scalar = kernels(simd::Level::scalar);
    const float inf = std::numeric_limits<float>::infinity();
    const float strange[] = {std::nanf(""), inf, -inf, 0.0f, -0.0f, 1e38f, -1e38f, 1e-40f};
    for (std::size_t n = 1; n <= 200; ++n) {
      Boxes boxes(n, n % 3 == 0 ? Flush::front : Flush::back);
      boxes.fill(random, 40.0, 30.0);
      // Tiny boxes, whose products are denormal numbers, and numbers that are none.
      for (GuardedBuffer<float>* side : {&boxes.x1, &boxes.y1, &boxes.x2, &boxes.y2}) {
        if (n % 4 == 0) (*side)[random() % n] = strange[random() % 8];
        if (n % 5 == 0) {
          for (float& value : *side) value *= 1e-22f;
        }
      }
      boxes.measure();
      const std::size_t i = random() % n, begin = random() % n;
      GuardedBuffer<float> iou(n);
      scalar.iou_row(boxes.view(), i, 0, n, iou.data());
      const float drawn = iou[random() % n];
      const float met = drawn >= 0.0f && drawn <= 1.0f ? drawn : 0.5f;
      for (const float threshold : {0.0f, 0.3f, 1.0f, met, std::nextafter(met, 0.0f)}) {
        GuardedBuffer<std::uint8_t> wanted(n, Flush::front), marked(n);
        scalar.suppress_row(boxes.view(), i, begin, n, threshold, wanted.data());
        kernel.suppress_row(boxes.view(), i, begin, n, threshold, marked.data());
        CAPTURE(n);
        CAPTURE(threshold);
        REQUIRE(std::memcmp(marked.data(), wanted.data(), n) == 0);
      }
    }
  });
}
