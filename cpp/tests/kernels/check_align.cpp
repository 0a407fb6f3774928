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

/// A frame whose rows lie `gap` bytes apart, its last byte (or first) against a page that faults.
struct Frame {
  Frame(int width, int height, int gap, Flush flush)
      : bytes(static_cast<std::size_t>((height - 1) * (3 * width + gap) + 3 * width), flush),
        pixels{bytes.data(), 3 * width + gap, width, height} {}

  GuardedBuffer<std::uint8_t> bytes;
  Pixels pixels;
};

void check_warp(const KernelTable& kernel, const Frame& frame, const float* m, int y, int width,
                bool swap) {
  GuardedBuffer<std::uint8_t> wanted(static_cast<std::size_t>(3 * width));
  GuardedBuffer<std::uint8_t> out(wanted.size(), y % 2 == 0 ? Flush::back : Flush::front);
  kernels(simd::Level::scalar).warp_row(frame.pixels, m, y, width, swap, wanted.data());
  kernel.warp_row(frame.pixels, m, y, width, swap, out.data());
  CAPTURE(frame.pixels.width);
  CAPTURE(frame.pixels.height);
  CAPTURE(width);
  CAPTURE(y);
  REQUIRE(std::memcmp(out.data(), wanted.data(), wanted.size()) == 0);
}

}  // namespace

TEST_CASE("kernels: warp_row is scalar's inside the frame, across its border and beyond") {
  rig::for_each_level([](const KernelTable& kernel, std::mt19937& random) {
    std::uniform_real_distribution<float> angle(-3.2f, 3.2f), scale(0.2f, 3.0f), shift(-0.4f, 1.0f);
    const int sides[][2] = {{1, 1}, {2, 2}, {3, 2}, {2, 9}, {7, 1}, {40, 31}, {130, 90}};
    for (const auto& side : sides) {
      for (const Flush flush : {Flush::front, Flush::back}) {
        Frame frame(side[0], side[1], side[0] % 4, flush);
        rig::fill(frame.bytes, random, 0, 255);
        if (side[0] % 2 == 0) {
          for (std::uint8_t& byte : frame.bytes) byte = byte < 128 ? 0 : 255;
        }
        for (int width = 1; width <= 70; ++width) {
          const float a = angle(random), s = scale(random);
          const float m[6] = {
              s * std::cos(a), -s * std::sin(a), shift(random) * static_cast<float>(side[0]),
              s * std::sin(a), s * std::cos(a),  shift(random) * static_cast<float>(side[1])};
          check_warp(kernel, frame, m, width % 50, width, width % 3 == 0);
        }
        // The frame itself, pixel by pixel: every row up to the very last byte.
        const float same[6] = {1, 0, 0, 0, 1, 0};
        for (int y = -2; y < side[1] + 2; ++y) {
          check_warp(kernel, frame, same, y, side[0] + 3, false);
        }
      }
    }
  });
}

TEST_CASE(
    "kernels: warp_row up to the last pixel, where 8 bytes of a pair are not there any more") {
  rig::for_each_level([](const KernelTable& kernel, std::mt19937& random) {
    for (const Flush flush : {Flush::front, Flush::back}) {
      Frame frame(70, 9, 0, flush);
      rig::fill(frame.bytes, random, 0, 255);
      for (const int width : {8, 16, 32, 48, 64}) {
        for (float past = -4.0f; past <= 2.0f; past += 0.5f) {
          for (const float down : {6.0f, 7.0f, 7.5f, 8.0f, 8.5f}) {
            const float at_right[6] = {1, 0, static_cast<float>(70 - width) + past, 0, 1, down};
            check_warp(kernel, frame, at_right, 0, width, false);
            const float at_left[6] = {1, 0, -past, 0, -1, 8.0f - down};
            check_warp(kernel, frame, at_left, 0, width, false);
          }
        }
      }
    }
  });
}

TEST_CASE("kernels: warp_row survives coordinates without bounds, infinite and NaN") {
  const float inf = std::numeric_limits<float>::infinity();
  const float huge = std::numeric_limits<float>::max();
  rig::for_each_level([&](const KernelTable& kernel, std::mt19937& random) {
    Frame frame(33, 17, 0, Flush::back);
    rig::fill(frame.bytes, random, 0, 255);
    const float strange[] = {0.0f, -1e-9f, 1e9f, -1e9f, huge, -huge, inf, -inf, std::nanf("")};
    for (const float a : strange) {
      for (const float b : strange) {
        const float m[6] = {a, 0.5f, b, b, 1.0f, a};
        check_warp(kernel, frame, m, 3, 37, false);
      }
    }
  });
}

TEST_CASE("kernels: normalize_row is scalar's to one rounding of the product") {
  rig::for_each_level([](const KernelTable& kernel, std::mt19937& random) {
    const float scale[3] = {1.0f / 127.5f, 1.0f, -0.017f};
    const float bias[3] = {-1.0f, 0.0f, 2.1f};
    for (std::size_t width = 1; width <= 130; ++width) {
      const Flush flush = width % 2 == 0 ? Flush::back : Flush::front;
      GuardedBuffer<std::uint8_t> row(3 * width, flush);
      rig::fill(row, random, 0, 255);
      GuardedBuffer<float> wanted(3 * width), first(width, flush), second(width), third(width);
      float* const wanted_planes[3] = {wanted.data(), wanted.data() + width,
                                       wanted.data() + 2 * width};
      float* const planes[3] = {first.data(), second.data(), third.data()};
      const int n = static_cast<int>(width);
      kernels(simd::Level::scalar).normalize_row(row.data(), n, scale, bias, wanted_planes);
      kernel.normalize_row(row.data(), n, scale, bias, planes);
      CAPTURE(width);
      for (std::size_t c = 0; c < 3; ++c) {
        for (std::size_t x = 0; x < width; ++x) {
          const float product = static_cast<float>(row[3 * x + c]) * scale[c];
          const float rounding = (std::abs(product) + std::abs(wanted_planes[c][x])) * 0x1p-23f;
          REQUIRE(std::abs(planes[c][x] - wanted_planes[c][x]) <= rounding);
        }
      }
    }
  });
}
