#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <vector>

#include "rostro/error.hpp"
#include "rostro/letterbox.hpp"

using namespace rostro;

namespace {

std::vector<std::uint8_t> noise(std::size_t bytes, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<std::uint8_t> data(bytes);
  for (auto& byte : data) byte = static_cast<std::uint8_t>(random() >> 24);
  return data;
}

float at(const std::vector<float>& tensor, Size size, int c, int y, int x) {
  return tensor[static_cast<std::size_t>((c * size.height + y) * size.width + x)];
}

}  // namespace

TEST_CASE("letterbox: an image of the target's size comes out exactly, channels swapped") {
  const Size size{37, 21};
  const auto data = noise(37 * 21 * 3, 1);
  std::vector<float> tensor(3 * 37 * 21);
  const TensorFormat format{ChannelOrder::rgb, {0, 0, 0}, {1, 1, 1}};
  letterbox_f32({data.data(), size, 37 * 3, PixelFormat::bgr}, {size}, format, tensor.data());
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      for (int c = 0; c < 3; ++c) {
        const auto pixel = data[static_cast<std::size_t>((y * size.width + x) * 3 + 2 - c)];
        REQUIRE(at(tensor, size, c, y, x) == static_cast<float>(pixel));
      }
    }
  }
}

TEST_CASE("letterbox: shrinking averages what each pixel covers") {
  // 9x6 to 3x2: every output pixel is the mean of a block of 3x3.
  const Size source{9, 6}, target{3, 2};
  const auto data = noise(9 * 6, 2);
  std::vector<float> tensor(3 * 3 * 2);
  letterbox_f32({data.data(), source, 9, PixelFormat::gray}, {target}, {}, tensor.data());
  for (int y = 0; y < 2; ++y) {
    for (int x = 0; x < 3; ++x) {
      double sum = 0;
      for (int j = 0; j < 3; ++j) {
        for (int i = 0; i < 3; ++i)
          sum += data[static_cast<std::size_t>((3 * y + j) * 9 + 3 * x + i)];
      }
      for (int c = 0; c < 3; ++c) {
        CHECK(std::abs(static_cast<double>(at(tensor, target, c, y, x)) - sum / 9) < 0.03);
      }
    }
  }
}

TEST_CASE("letterbox: the rest is padding, and the transform maps corners onto corners") {
  const auto data = noise(100 * 50 * 3, 3);
  const Size target{64, 64};
  std::vector<float> tensor(3 * 64 * 64, -1.0f);
  const TensorFormat format{ChannelOrder::bgr, {127.5f, 127.5f, 127.5f}, {128, 128, 128}};
  const auto transform = letterbox_f32({data.data(), {100, 50}, 300, PixelFormat::bgr},
                                       {target, true, 114}, format, tensor.data());
  CHECK(at(tensor, target, 1, 31, 63) != doctest::Approx((114 - 127.5) / 128).epsilon(1e-9));
  CHECK(at(tensor, target, 0, 32, 0) == doctest::Approx((114 - 127.5) / 128));
  CHECK(at(tensor, target, 2, 63, 63) == doctest::Approx((114 - 127.5) / 128));
  CHECK(-0.5f * transform.scale_x + transform.offset_x == doctest::Approx(-0.5));
  CHECK(63.5f * transform.scale_x + transform.offset_x == doctest::Approx(99.5));
  CHECK(31.5f * transform.scale_y + transform.offset_y == doctest::Approx(49.5));
}

TEST_CASE("letterbox: without upscale a small image is only padded") {
  const auto data = noise(10 * 8 * 3, 4);
  std::vector<float> tensor(3 * 32 * 32);
  const auto transform =
      letterbox_f32({data.data(), {10, 8}, 30, PixelFormat::bgr}, {{32, 32}, false, 0},
                    {ChannelOrder::bgr, {}, {1, 1, 1}}, tensor.data());
  CHECK(transform.scale_x == 1.0f);
  CHECK(transform.offset_x == 0.0f);
  CHECK(at(tensor, {32, 32}, 0, 7, 9) == static_cast<float>(data[(7 * 10 + 9) * 3]));
  CHECK(at(tensor, {32, 32}, 0, 7, 10) == 0.0f);
}

TEST_CASE("letterbox: a view into a larger frame and a bottom-up image read the right rows") {
  const auto frame = noise(40 * 30, 5);
  std::vector<float> whole(3 * 8 * 8), flipped(3 * 8 * 8);
  const std::uint8_t* corner = frame.data() + 10 * 40 + 7;
  letterbox_f32({corner, {8, 8}, 40, PixelFormat::gray}, {{8, 8}}, {}, whole.data());
  letterbox_f32({corner + 7 * 40, {8, 8}, -40, PixelFormat::gray}, {{8, 8}}, {}, flipped.data());
  CHECK(at(whole, {8, 8}, 0, 2, 3) == static_cast<float>(corner[2 * 40 + 3]));
  CHECK(at(flipped, {8, 8}, 0, 2, 3) == static_cast<float>(corner[5 * 40 + 3]));
}

TEST_CASE("letterbox: camera formats of one grey are that grey") {
  // Luma 126 with neutral chroma is (126 - 16) * 255 / 219 = 128.1.
  std::vector<std::uint8_t> nv12(16 * 12 * 3 / 2, 128), yuyv(16 * 12 * 2, 128);
  for (int i = 0; i < 16 * 12; ++i) nv12[static_cast<std::size_t>(i)] = 126;
  for (std::size_t i = 0; i < yuyv.size(); i += 2) yuyv[i] = 126;
  std::vector<float> a(3 * 16 * 12), b(3 * 16 * 12);
  letterbox_f32({nv12.data(), {16, 12}, 16, PixelFormat::nv12}, {{16, 12}}, {}, a.data());
  letterbox_f32({yuyv.data(), {16, 12}, 32, PixelFormat::yuyv}, {{16, 12}}, {}, b.data());
  for (const float value : a) REQUIRE(value == 128.0f);
  CHECK(a == b);
}

TEST_CASE("letterbox: what cannot be used is refused") {
  const std::uint8_t pixel[6] = {};
  float out[3];
  const ImageView good{pixel, {1, 1}, 3, PixelFormat::bgr};
  CHECK_THROWS_AS(letterbox_f32({nullptr, {1, 1}, 3, PixelFormat::bgr}, {{1, 1}}, {}, out),
                  InvalidArgument);
  CHECK_THROWS_AS(letterbox_f32({pixel, {0, 1}, 3, PixelFormat::bgr}, {{1, 1}}, {}, out),
                  InvalidArgument);
  CHECK_THROWS_AS(letterbox_f32({pixel, {3, 1}, 3, PixelFormat::yuyv}, {{1, 1}}, {}, out),
                  InvalidArgument);
  CHECK_THROWS_AS(letterbox_f32(good, {{0, 1}}, {}, out), InvalidArgument);
  CHECK_THROWS_AS(letterbox_f32(good, {{1, 1}}, {ChannelOrder::rgb, {}, {1, 0, 1}}, out),
                  InvalidArgument);
}
