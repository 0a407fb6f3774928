#include <doctest/doctest.h>

#include <random>
#include <vector>

#include "image/pixel_formats.hpp"
#include "image/warp.hpp"
#include "rostro/detector.hpp"
#include "rostro/letterbox.hpp"
#include "simd/dispatch.hpp"

using namespace rostro;

namespace {

using Bytes = std::vector<std::uint8_t>;

/// One frame of random luma and chroma, in every layout of YUV, with rows that are padded, and as
/// BGR.
class Frame {
 public:
  Frame(Size size, unsigned seed) : size_(size) {
    std::mt19937 random(seed);
    const auto w = static_cast<std::size_t>(size.width), h = static_cast<std::size_t>(size.height);
    luma_ = Bytes(h * (w + 6));
    uv_ = vu_ = Bytes(h / 2 * (w + 10));
    u_ = v_ = Bytes(h / 2 * (w / 2 + 3));
    yuyv_ = uyvy_ = Bytes(h * (2 * w + 8));
    for (std::size_t y = 0; y < h; ++y) {
      for (std::size_t x = 0; x < w; ++x) {
        const auto sample = static_cast<std::uint8_t>(random() >> 24);
        luma_[y * (w + 6) + x] = sample;
        yuyv_[y * (2 * w + 8) + 2 * x] = uyvy_[y * (2 * w + 8) + 2 * x + 1] = sample;
      }
    }
    for (std::size_t y = 0; y < h; ++y) {
      for (std::size_t x = 0; x < w / 2; ++x) {
        std::uint8_t &u = u_[y / 2 * (w / 2 + 3) + x], &v = v_[y / 2 * (w / 2 + 3) + x];
        if (y % 2 == 0) {
          u = static_cast<std::uint8_t>(random() >> 24);
          v = static_cast<std::uint8_t>(random() >> 24);
        }
        std::uint8_t *uv = &uv_[y / 2 * (w + 10) + 2 * x], *vu = &vu_[y / 2 * (w + 10) + 2 * x];
        uv[0] = vu[1] = u;
        uv[1] = vu[0] = v;
        std::uint8_t* packed = &yuyv_[y * (2 * w + 8) + 4 * x];
        packed[1] = u;
        packed[3] = v;
        packed = &uyvy_[y * (2 * w + 8) + 4 * x];
        packed[0] = u;
        packed[2] = v;
      }
    }
    bgr_ = Bytes(3 * w * h);
    for (int y = 0; y < size.height; ++y) {
      write_color_row(kernels(), all()[0], y, &bgr_[static_cast<std::size_t>(y) * 3 * w]);
    }
  }

  ImageView bgr() const { return {bgr_.data(), size_, 3 * size_.width, PixelFormat::bgr}; }

  std::vector<ImageView> all() const {
    const int w = size_.width;
    const ChromaPlane uv = {uv_.data(), w + 10}, vu = {vu_.data(), w + 10};
    const ChromaPlane u = {u_.data(), w / 2 + 3}, v = {v_.data(), w / 2 + 3};
    return {{luma_.data(), size_, w + 6, PixelFormat::nv12, {{uv, {}}}},
            {luma_.data(), size_, w + 6, PixelFormat::nv21, {{vu, {}}}},
            {luma_.data(), size_, w + 6, PixelFormat::i420, {{u, v}}},
            {yuyv_.data(), size_, 2 * w + 8, PixelFormat::yuyv},
            {uyvy_.data(), size_, 2 * w + 8, PixelFormat::uyvy}};
  }

 private:
  Size size_;
  Bytes luma_, uv_, vu_, u_, v_, yuyv_, uyvy_, bgr_;
};

/// BGR with a fourth byte of anything, or RGB.
Bytes with_alpha(const ImageView& bgr, bool rgb) {
  const auto pixels =
      static_cast<std::size_t>(bgr.size.width) * static_cast<std::size_t>(bgr.size.height);
  Bytes result(4 * pixels);
  for (std::size_t i = 0; i < pixels; ++i) {
    for (std::size_t c = 0; c < 3; ++c) result[4 * i + c] = bgr.data[3 * i + (rgb ? 2 - c : c)];
    result[4 * i + 3] = static_cast<std::uint8_t>(i);
  }
  return result;
}

std::vector<float> tensor_of(const ImageView& image) {
  std::vector<float> tensor(3 * 48 * 48);
  letterbox_f32(image, {{48, 48}}, {}, tensor.data());
  return tensor;
}

Bytes crops_of(const ImageView& image, const std::vector<Affine>& transforms) {
  Bytes crops(transforms.size() * 3 * 20 * 16);
  warp_u8(image, transforms, {20, 16}, ChannelOrder::rgb, crops.data());
  return crops;
}

const std::vector<std::vector<Affine>> kCrops = {
    {{{1, 0, 10, 0, 1, 12}}},                                 // within
    {{{0.9f, 0.5f, 40.3f, -0.5f, 0.9f, 30.7f}}},              // turned
    {{{2, 0, -15, 0, 2, -9}}, {{1.5f, 0, 60, 0, 1.5f, 50}}},  // across two corners
    {{{1, 0, 500, 0, 1, 500}}},                               // outside
    {{{-1, 0, 50, 0, -1, 40}}},                               // upside down
};

}  // namespace

TEST_CASE("pixel formats: every layout of YUV gives the tensor and the crops of its BGR") {
  for (const unsigned seed : {1u, 2u}) {
    const Frame frame({90, 64}, seed);
    for (const ImageView& image : frame.all()) {
      CAPTURE(static_cast<int>(image.format));
      CHECK(tensor_of(image) == tensor_of(frame.bgr()));
      for (const auto& transforms : kCrops) {
        CHECK(crops_of(image, transforms) == crops_of(frame.bgr(), transforms));
      }
    }
  }
}

TEST_CASE("pixel formats: the fourth byte is of no account") {
  const Frame frame({45, 32}, 3);
  for (const bool rgb : {false, true}) {
    const Bytes bytes = with_alpha(frame.bgr(), rgb);
    const ImageView image = {
        bytes.data(), {45, 32}, 4 * 45, rgb ? PixelFormat::rgba : PixelFormat::bgra};
    CHECK(tensor_of(image) == tensor_of(frame.bgr()));
    for (const auto& transforms : kCrops) {
      CHECK(crops_of(image, transforms) == crops_of(frame.bgr(), transforms));
    }
  }
}

TEST_CASE("pixel formats: a part of a frame is read where it lies") {
  const Frame frame({90, 64}, 4);
  const Region region = {22, 14, {40, 30}};
  const std::vector<float> expected = tensor_of(part_of(frame.bgr(), region));
  for (const ImageView& image : frame.all()) {
    CAPTURE(static_cast<int>(image.format));
    CHECK(tensor_of(part_of(image, region)) == expected);
  }
}

TEST_CASE("pixel formats: planes that follow each other need no pointers") {
  const int w = 12, h = 8;
  Bytes bytes(w * h * 3 / 2);
  std::mt19937 random(5);
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random() >> 24);
  const std::uint8_t* chroma = bytes.data() + w * h;
  const auto same = [&](PixelFormat format, std::array<ChromaPlane, 2> planes) {
    CHECK(tensor_of({bytes.data(), {w, h}, w, format}) ==
          tensor_of({bytes.data(), {w, h}, w, format, planes}));
  };
  same(PixelFormat::nv12, {{{chroma, w}, {}}});
  same(PixelFormat::nv21, {{{chroma, w}, {}}});
  same(PixelFormat::i420, {{{chroma, w / 2}, {chroma + w * h / 4, w / 2}}});
}

TEST_CASE("pixel formats: tiles of YUV in planes are those of its BGR") {
  const Frame frame({90, 64}, 6);
  DetectorSettings settings;
  settings.name = "test";
  settings.head = "yunet";
  for (const char* name : {"cls_8", "cls_16", "cls_32", "obj_8", "obj_16", "obj_32", "bbox_8",
                           "bbox_16", "bbox_32", "kps_8", "kps_16", "kps_32"}) {
    settings.network_outputs.emplace_back(name);
  }
  settings.tiling = Tiling{{33, 31}, 8};
  const Detector detector(settings);
  const auto views = detector.views(frame.bgr());
  REQUIRE(views.size() > 4);
  for (const ImageView& image : frame.all()) {
    CAPTURE(static_cast<int>(image.format));
    for (const DetectorView& view : views) {
      const auto numbers = 3 * static_cast<std::size_t>(view.input.width) *
                           static_cast<std::size_t>(view.input.height);
      std::vector<float> expected(numbers), tensor(numbers);
      detector.prepare(frame.bgr(), view, expected.data());
      detector.prepare(image, view, tensor.data());
      CHECK(tensor == expected);
    }
  }
}
