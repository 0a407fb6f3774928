#include <doctest/doctest.h>

#include "rostro/error.hpp"
#include "rostro/image_view.hpp"

using namespace rostro;

namespace {

const std::uint8_t kByte = 0;

ImageView view(int width, int height, PixelFormat format) {
  return {&kByte, {width, height}, 3 * width, format};
}

}  // namespace

TEST_CASE("check_image: every format from its smallest size to the largest") {
  for (const PixelFormat format : {PixelFormat::bgr, PixelFormat::rgb, PixelFormat::gray}) {
    CHECK_NOTHROW(check_image(view(1, 1, format)));
    CHECK_NOTHROW(check_image(view(131072, 131072, format)));
  }
  for (const PixelFormat format : {PixelFormat::bgra, PixelFormat::rgba}) {
    CHECK_NOTHROW(check_image(view(1, 1, format)));
  }
  for (const PixelFormat format : {PixelFormat::nv12, PixelFormat::nv21, PixelFormat::i420}) {
    CHECK_NOTHROW(check_image(view(2, 2, format)));
  }
  for (const PixelFormat format : {PixelFormat::yuyv, PixelFormat::uyvy}) {
    CHECK_NOTHROW(check_image(view(2, 1, format)));
  }
}

TEST_CASE("check_image: what cannot be read is refused with its size") {
  const auto refuses = [](const ImageView& image, const char* size) {
    CHECK_THROWS_WITH_AS(check_image(image), doctest::Contains(size), InvalidArgument);
  };
  refuses({nullptr, {4, 3}, 12, PixelFormat::bgr}, "4x3");
  refuses(view(0, 3, PixelFormat::bgr), "0x3");
  refuses(view(4, -1, PixelFormat::gray), "4x-1");
  refuses(view(131073, 1, PixelFormat::rgb), "131073x1");
  refuses(view(1, 131073, PixelFormat::rgb), "1x131073");
  refuses(view(3, 2, PixelFormat::nv12), "3x2");
  refuses(view(2, 3, PixelFormat::nv12), "2x3");
  refuses(view(3, 2, PixelFormat::yuyv), "3x2");
  refuses(view(3, 2, PixelFormat::uyvy), "3x2");
  refuses(view(2, 3, PixelFormat::i420), "2x3");
}

TEST_CASE("check_image: other planes must be found") {
  const auto refuses = [](const ImageView& image, const char* why) {
    CHECK_THROWS_WITH_AS(check_image(image), doctest::Contains(why), InvalidArgument);
  };
  refuses({&kByte, {4, 2}, -4, PixelFormat::nv12}, "row_stride: got -4");
  refuses({&kByte, {4, 2}, 5, PixelFormat::i420}, "row_stride: got 5");
  refuses({&kByte, {4, 2}, 4, PixelFormat::i420, {{{&kByte, 2}, {}}}}, "chroma: got one plane");
  CHECK_NOTHROW(check_image({&kByte, {4, 2}, -4, PixelFormat::nv21, {{{&kByte, -4}, {}}}}));
  CHECK_NOTHROW(check_image({&kByte, {4, 2}, 5, PixelFormat::i420, {{{&kByte, 2}, {&kByte, 2}}}}));
}
