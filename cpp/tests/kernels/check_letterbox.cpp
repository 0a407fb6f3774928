#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "image/resample_taps.hpp"
#include "rig.hpp"

using namespace rostro;
using rig::Flush;
using rig::GuardedBuffer;

namespace {

/// 1..130 crosses every vector tail; the others are where frames are.
std::vector<int> widths() {
  std::vector<int> all;
  for (int width = 1; width <= 130; ++width) all.push_back(width);
  all.insert(all.end(), {255, 256, 257, 640, 1281});
  return all;
}

/// Rows that end where a page ends, or begin where one begins, and planes with their padding.
struct BlendCase {
  BlendCase(int width_, int channels_, int taps, Flush flush) : width(width_), channels(channels_) {
    for (int t = 0; t < taps; ++t) {
      rows.push_back(std::make_unique<GuardedBuffer<std::uint8_t>>(bytes(), flush));
      pointers.push_back(rows.back()->data());
    }
  }

  std::size_t bytes() const { return static_cast<std::size_t>(width * channels); }
  std::size_t plane() const { return static_cast<std::size_t>(width + kPlanePadding); }

  /// Every plane's pixels, one plane after the other.
  std::vector<std::int16_t> blend(const KernelTable& kernel) const {
    GuardedBuffer<std::int16_t> memory(3 * plane());
    std::int16_t* planes[3];
    std::vector<std::int16_t> result;
    for (std::size_t c = 0; c < 3; ++c) planes[c] = memory.data() + c * plane();
    const int taps = static_cast<int>(rows.size());
    if (weights.empty()) {
      kernel.sum_rows(pointers.data(), taps, width, channels, 4096, planes);
    } else {
      kernel.blend_rows(pointers.data(), weights.data(), taps, width, channels, 4096, planes);
    }
    for (int c = 0; c < channels; ++c) {
      result.insert(result.end(), planes[c], planes[c] + width);
    }
    return result;
  }

  int width;
  int channels;
  std::vector<std::unique_ptr<GuardedBuffer<std::uint8_t>>> rows;
  std::vector<const std::uint8_t*> pointers;
  std::vector<std::int16_t> weights;  ///< empty: the sum of the rows
};

}  // namespace

TEST_CASE("kernels: blend_rows is scalar's, for any weights and extreme pixels") {
  rig::for_each_level([](const KernelTable& kernel, std::mt19937& random) {
    std::uniform_int_distribution<int> weight(0, 32767);
    for (const int width : widths()) {
      for (const int channels : {1, 3}) {
        for (const int taps : {1, 2, 3, 4, 9}) {
          const Flush flush = (width + taps) % 2 == 0 ? Flush::back : Flush::front;
          BlendCase blend(width, channels, taps, flush);
          for (int t = 0; t < taps; ++t) {
            // Every third case has only 0 and 255, all weights at their most: sums that saturate.
            const bool extreme = width % 3 == 0;
            blend.weights.push_back(static_cast<std::int16_t>(extreme ? 32767 : weight(random)));
            rig::fill(*blend.rows[static_cast<std::size_t>(t)], random, 0, 255);
            for (std::uint8_t& byte : *blend.rows[static_cast<std::size_t>(t)]) {
              if (extreme) byte = byte < 128 ? 0 : 255;
            }
          }
          CAPTURE(width);
          CAPTURE(channels);
          CAPTURE(taps);
          REQUIRE(blend.blend(kernel) == blend.blend(kernels(simd::Level::scalar)));
        }
      }
    }
  });
}

TEST_CASE("kernels: sum_rows is scalar's, up to the most rows of 255") {
  rig::for_each_level([](const KernelTable& kernel, std::mt19937& random) {
    for (const int width : widths()) {
      for (const int channels : {1, 3}) {
        for (const int taps : {1, 2, 3, 5, width == 64 ? kMostSummedRows : 6}) {
          BlendCase sum(width, channels, taps, taps % 2 == 0 ? Flush::back : Flush::front);
          for (const auto& row : sum.rows) rig::fill(*row, random, width == 64 ? 255 : 0, 255);
          CAPTURE(width);
          CAPTURE(channels);
          CAPTURE(taps);
          REQUIRE(sum.blend(kernel) == sum.blend(kernels(simd::Level::scalar)));
        }
      }
    }
  });
}

namespace {

/// Three rows of floats from planes of any int16.
std::vector<float> resample(const KernelTable& kernel, const ColumnTaps& taps, int width,
                            const GuardedBuffer<std::int16_t>& planes, std::size_t plane) {
  const float scale[3] = {1.0f / 128, -0.37f, 1.0f / (1 << 21)};
  const float bias[3] = {0.0f, 1.5f, -127.5f / 128};
  const std::int16_t* from[3] = {planes.data(), planes.data() + plane, planes.data() + 2 * plane};
  std::vector<float> result;
  // One guarded row each: nothing may be written past any of them.
  GuardedBuffer<float> a(static_cast<std::size_t>(width)), b(a.size()), c(a.size(), Flush::front);
  float* const out[3] = {a.data(), b.data(), c.data()};
  kernel.resample_row(from, taps, width, scale, bias, out);
  for (const float* row : out) result.insert(result.end(), row, row + width);
  return result;
}

}  // namespace

TEST_CASE("kernels: resample_row is scalar's to one rounding of the product") {
  rig::for_each_level([](const KernelTable& kernel, std::mt19937& random) {
    for (const int width : widths()) {
      for (const double step : {0.4, 1.0, 1.7, 2.0, 2.5, 3.0, 3.6, 5.0, 6.9, 11.3}) {
        const int source = std::max(1, static_cast<int>(width * step));
        AxisTaps axis;
        axis.compute(source, width);
        ColumnTable table;
        table.compute(axis);
        const std::size_t plane = static_cast<std::size_t>(source + axis.taps + kPlanePadding);
        GuardedBuffer<std::int16_t> planes(3 * plane);
        rig::fill(planes, random, -32768, 32767);
        const auto wanted =
            resample(kernels(simd::Level::scalar), table.view, width, planes, plane);
        const auto result = resample(kernel, table.view, width, planes, plane);
        CAPTURE(width);
        CAPTURE(step);
        for (std::size_t i = 0; i < wanted.size(); ++i) {
          const float rounding = (std::abs(wanted[i]) + 2.0f) * 0x1p-23f;  // |bias| is below 2
          REQUIRE(std::abs(result[i] - wanted[i]) <= rounding);
        }
      }
    }
  });
}

TEST_CASE("kernels: yuv_row is scalar's") {
  rig::for_each_level([](const KernelTable& kernel, std::mt19937& random) {
    for (const int width : widths()) {
      if (width % 2 != 0) continue;
      for (const bool nv12 : {true, false}) {
        const std::size_t n = static_cast<std::size_t>(width);
        const Flush flush = width % 4 == 0 ? Flush::back : Flush::front;
        GuardedBuffer<std::uint8_t> luma(nv12 ? n : 2 * n, flush), chroma(n, flush);
        rig::fill(luma, random, 0, 255);
        rig::fill(chroma, random, 0, 255);
        if (width % 3 == 0) {
          for (std::uint8_t& byte : luma) byte = byte < 128 ? 0 : 255;
          for (std::uint8_t& byte : chroma) byte = byte < 128 ? 0 : 255;
        }
        const std::uint8_t* y = luma.data();
        const YuvRow row = nv12 ? YuvRow{y, chroma.data(), chroma.data() + 1, 1, 2}
                                : YuvRow{y, y + 1, y + 3, 2, 4};
        GuardedBuffer<std::uint8_t> wanted(3 * n), bgr(3 * n, flush);
        kernels(simd::Level::scalar).yuv_row(row, width, wanted.data());
        kernel.yuv_row(row, width, bgr.data());
        CAPTURE(width);
        CAPTURE(nv12);
        REQUIRE(std::memcmp(bgr.data(), wanted.data(), 3 * n) == 0);
      }
    }
  });
}
