#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <vector>

#include "rostro/crop.hpp"
#include "rostro/error.hpp"

using namespace rostro;

TEST_CASE("crop_boxes: a box of the crop's size is copied, beyond the image it is cut off") {
  std::vector<std::uint8_t> image(9 * 7 * 3), crop(4 * 5 * 3);
  std::mt19937 random(6);
  for (auto& byte : image) byte = static_cast<std::uint8_t>(random() >> 24);
  const ImageView view{image.data(), {9, 7}, 27, PixelFormat::bgr};
  for (const float beyond : {0.0f, 30.0f}) {
    const float box[4] = {5, 2, 9 + beyond, 7 + beyond};
    crop_boxes_u8(view, box, 1, {4, 5}, ChannelOrder::bgr, crop.data());
    for (std::size_t y = 0; y < 5; ++y) {
      for (std::size_t i = 0; i < 12; ++i) CHECK(crop[y * 12 + i] == image[(y + 2) * 27 + 15 + i]);
    }
  }
  const float outside[8] = {0, 0, 4, 4, 9, 0, 12, 4};
  std::vector<std::uint8_t> two(2 * crop.size());
  CHECK_THROWS_WITH_AS(crop_boxes_u8(view, outside, 2, {4, 5}, ChannelOrder::bgr, two.data()),
                       doctest::Contains("boxes[1]"), InvalidArgument);
}

TEST_CASE("crop_boxes: the tensor is the normalised crop, crop after crop, channels swapped") {
  std::vector<std::uint8_t> image(30 * 20 * 3);
  std::mt19937 random(7);
  for (auto& byte : image) byte = static_cast<std::uint8_t>(random() >> 24);
  const ImageView view{image.data(), {30, 20}, 90, PixelFormat::bgr};
  const float boxes[8] = {2.5f, 3, 14, 19, -5, -5, 40, 40};
  constexpr std::size_t kPixels = 12 * 8;
  std::vector<std::uint8_t> crops(2 * 3 * kPixels);
  std::vector<float> tensor(crops.size());
  crop_boxes_u8(view, boxes, 2, {12, 8}, ChannelOrder::rgb, crops.data());
  crop_boxes_f32(view, boxes, 2, {12, 8}, {ChannelOrder::rgb, {1, 2, 3}, {2, 4, 8}}, tensor.data());
  for (std::size_t crop = 0; crop < 2; ++crop) {
    for (std::size_t i = 0; i < kPixels; ++i) {
      for (std::size_t c = 0; c < 3; ++c) {
        const float pixel = crops[(crop * kPixels + i) * 3 + c];
        const float mean = static_cast<float>(c + 1), std = static_cast<float>(2 << c);
        REQUIRE(tensor[(crop * 3 + c) * kPixels + i] == (pixel - mean) / std);
      }
    }
  }
}

TEST_CASE("crop_boxes: stretching halves of an image gives each pixel its own side") {
  // 2x1 pixels of 10 and 200, stretched to 4x1: a quarter of the way from either centre.
  const std::uint8_t image[2] = {10, 200};
  const ImageView view{image, {2, 1}, 2, PixelFormat::gray};
  const float box[4] = {0, 0, 2, 1};
  float tensor[3 * 4];
  crop_boxes_f32(view, box, 1, {4, 1}, {ChannelOrder::bgr, {0, 0, 0}, {1, 1, 1}}, tensor);
  CHECK(tensor[1] == doctest::Approx(10 + 190 * 0.25).epsilon(0.01));
  CHECK(tensor[2] == doctest::Approx(10 + 190 * 0.75).epsilon(0.01));
}

TEST_CASE("crop_boxes: boxes and sizes that give no crop are refused") {
  const std::uint8_t pixel[3] = {};
  const ImageView view{pixel, {1, 1}, 3, PixelFormat::bgr};
  float out[3];
  const auto refuses = [&](std::vector<float> box, Size size, const char* name) {
    CHECK_THROWS_WITH_AS(crop_boxes_f32(view, box.data(), 1, size, {}, out),
                         doctest::Contains(name), InvalidArgument);
  };
  refuses({0, 0, NAN, 1}, {1, 1}, "boxes[0]");
  refuses({0, 1, 1, 0}, {1, 1}, "boxes[0]");
  refuses({1, 0, 2, 1}, {1, 1}, "boxes[0]");
  refuses({0, 0, 1, 1}, {0, 1}, "size");
  refuses({0, 0, 1, 1}, {1, 4097}, "size");
}
