#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "rostro/align.hpp"
#include "rostro/error.hpp"

using namespace rostro;

TEST_CASE("align: landmarks at the template copy the image, the outside is black") {
  const Size size{112, 112};
  const CropTemplate target = find_template("arcface", size);
  std::vector<std::uint8_t> image(112 * 112 * 3), crop(image.size());
  std::mt19937 random(3);
  for (auto& byte : image) byte = static_cast<std::uint8_t>(random() >> 24);
  const ImageView view{image.data(), {112, 112}, 336, PixelFormat::bgr};
  align_u8(view, target.points, 1, target, size, ChannelOrder::bgr, crop.data());
  int worst = 0;
  for (std::size_t i = 0; i < crop.size(); ++i)
    worst = std::max(worst, std::abs(crop[i] - image[i]));
  CHECK(worst <= 1);

  Point moved[kLandmarks];
  for (int i = 0; i < kLandmarks; ++i) moved[i] = {target.points[i].x - 200, target.points[i].y};
  align_u8(view, moved, 1, target, size, ChannelOrder::bgr, crop.data());
  CHECK(*std::max_element(crop.begin(), crop.end()) == 0);
}

TEST_CASE("align: the tensor is the normalised crop, channels swapped") {
  const Size size{37, 43};  // neither rows nor pixels come out even in blocks
  constexpr std::size_t kPixels = 37 * 43;
  const CropTemplate target = find_template("arcface", size);
  std::vector<std::uint8_t> image(90 * 70 * 3);
  std::mt19937 random(4);
  for (auto& byte : image) byte = static_cast<std::uint8_t>(random() >> 24);
  const ImageView view{image.data(), {90, 70}, 270, PixelFormat::bgr};
  const Point faces[2 * kLandmarks] = {{20, 20}, {50, 25}, {33, 40}, {22, 55}, {45, 58},
                                       {70, 50}, {40, 52}, {55, 35}, {66, 20}, {45, 18}};
  std::vector<std::uint8_t> crops(2 * kPixels * 3);
  std::vector<float> tensor(crops.size());
  align_u8(view, faces, 2, target, size, ChannelOrder::rgb, crops.data());
  align_f32(view, faces, 2, target, size, {ChannelOrder::rgb, {1, 2, 3}, {2, 4, 8}}, tensor.data());
  for (std::size_t face = 0; face < 2; ++face) {
    for (std::size_t i = 0; i < kPixels; ++i) {
      for (std::size_t c = 0; c < 3; ++c) {
        const float pixel = crops[(face * kPixels + i) * 3 + c];
        const float mean = static_cast<float>(c + 1), std = static_cast<float>(2 << c);
        REQUIRE(tensor[(face * 3 + c) * kPixels + i] == (pixel - mean) / std);
      }
    }
  }
}

TEST_CASE("align: landmarks that give no face are named") {
  const std::uint8_t pixel[3] = {};
  const ImageView view{pixel, {1, 1}, 3, PixelFormat::bgr};
  const CropTemplate target = find_template("arcface", {8, 8});
  std::uint8_t out[2 * 8 * 8 * 3];
  Point faces[2 * kLandmarks] = {{20, 20}, {50, 25}, {33, 40}, {22, 55}, {45, 58}};
  CHECK_THROWS_WITH_AS(align_u8(view, faces, 2, target, {8, 8}, ChannelOrder::bgr, out),
                       doctest::Contains("landmarks[1]"), InvalidArgument);
  faces[2].x = std::numeric_limits<float>::quiet_NaN();
  CHECK_THROWS_WITH_AS(align_u8(view, faces, 1, target, {8, 8}, ChannelOrder::bgr, out),
                       doctest::Contains("landmarks[0]"), InvalidArgument);
  CHECK_THROWS_WITH_AS(find_template("arcfaze", {112, 112}), doctest::Contains("ffhq"),
                       InvalidArgument);
}

TEST_CASE("align: crops of 128 pixels shift the template, other sizes scale it") {
  const CropTemplate wide = find_template("arcface", {128, 128});
  const CropTemplate half = find_template("arcface", {56, 56});
  const CropTemplate base = find_template("arcface", {112, 112});
  CHECK(wide.points[0].x == base.points[0].x + 8);
  CHECK(wide.points[0].y == base.points[0].y);
  CHECK(half.points[4].x == base.points[4].x / 2);
}

TEST_CASE("align: crops of 96x112 are those of 112x112 without 8 columns on either side") {
  const Size square{112, 112}, narrow{96, 112};
  std::vector<std::uint8_t> image(90 * 70 * 3), whole(112 * 112 * 3), cut(112 * 96 * 3);
  std::mt19937 random(5);
  for (auto& byte : image) byte = static_cast<std::uint8_t>(random() >> 24);
  const ImageView view{image.data(), {90, 70}, 270, PixelFormat::bgr};
  const Point face[kLandmarks] = {{20, 20}, {50, 25}, {33, 40}, {22, 55}, {45, 58}};
  const CropTemplate sphere = find_template("arcface", narrow);
  CHECK(sphere.points[0].x == doctest::Approx(30.2946f));
  CHECK(sphere.points[0].y == doctest::Approx(51.6963f));
  align_u8(view, face, 1, find_template("arcface", square), square, ChannelOrder::bgr,
           whole.data());
  align_u8(view, face, 1, sphere, narrow, ChannelOrder::bgr, cut.data());
  int worst = 0;
  for (std::size_t y = 0; y < 112; ++y) {
    for (std::size_t i = 0; i < 3 * 96; ++i) {
      worst = std::max(worst, std::abs(cut[y * 288 + i] - whole[y * 336 + 24 + i]));
    }
  }
  CHECK(worst <= 1);
}
