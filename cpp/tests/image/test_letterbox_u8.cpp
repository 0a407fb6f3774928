#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "kernels/rig.hpp"
#include "rostro/error.hpp"
#include "rostro/letterbox.hpp"

using namespace rostro;

namespace {

std::vector<std::uint8_t> noise(std::size_t bytes) {
  std::mt19937 random(1);
  std::vector<std::uint8_t> data(bytes);
  for (auto& byte : data) byte = static_cast<std::uint8_t>(random() >> 24);
  return data;
}

}  // namespace

TEST_CASE("letterbox_u8: the float tensor, rounded, with the same transform and padding") {
  const auto data = noise(100 * 60 * 3);
  const ImageView image{data.data(), {100, 60}, 300, PixelFormat::bgr};
  rig::use_each_level([&](std::mt19937&) {
    for (const Size target : {Size{64, 64}, Size{20, 31}, Size{100, 60}, Size{150, 120}}) {
      for (const ChannelOrder channels : {ChannelOrder::bgr, ChannelOrder::rgb}) {
        const LetterboxLayout layout{target, true, 114};
        std::vector<float> wanted(static_cast<std::size_t>(3 * target.width * target.height));
        std::vector<std::uint8_t> planes(wanted.size(), 1);
        const auto of_floats =
            letterbox_f32(image, layout, {channels, {0, 0, 0}, {1, 1, 1}}, wanted.data());
        const auto of_bytes = letterbox_u8(image, layout, channels, planes.data());
        CHECK(of_bytes.scale_x == of_floats.scale_x);
        CHECK(of_bytes.offset_y == of_floats.offset_y);
        CAPTURE(target.width);
        for (std::size_t i = 0; i < planes.size(); ++i) {
          // Half a step of rounding, and what float32 may be off near a half.
          REQUIRE(std::abs(static_cast<float>(planes[i]) - wanted[i]) <= 0.501f);
        }
      }
    }
  });
}

TEST_CASE("letterbox_u8: an image of the target's size comes out exactly, black and white too") {
  std::vector<std::uint8_t> data = noise(19 * 7);
  data[0] = 0;
  data[1] = 255;
  std::vector<std::uint8_t> planes(3 * data.size());
  letterbox_u8({data.data(), {19, 7}, 19, PixelFormat::gray}, {{19, 7}}, ChannelOrder::rgb,
               planes.data());
  for (std::size_t c = 0; c < 3; ++c) {
    const auto plane = planes.begin() + static_cast<std::ptrdiff_t>(c * data.size());
    CHECK(std::equal(data.begin(), data.end(), plane));
  }
}

TEST_CASE("letterbox_u8: what cannot be used is refused") {
  const std::uint8_t pixel[3] = {};
  std::uint8_t out[3];
  const ImageView good{pixel, {1, 1}, 3, PixelFormat::bgr};
  CHECK_THROWS_AS(letterbox_u8({nullptr, {1, 1}, 3}, {{1, 1}}, ChannelOrder::bgr, out),
                  InvalidArgument);
  CHECK_THROWS_AS(letterbox_u8(good, {{1, 0}}, ChannelOrder::bgr, out), InvalidArgument);
}
