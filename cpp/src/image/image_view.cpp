#include "rostro/image_view.hpp"

#include "image/pixel_formats.hpp"
#include "support/message.hpp"

namespace rostro {

void check_image(const ImageView& image) {
  const auto [width, height] = image.size;
  const std::string size = text(image.size) + " pixels";
  if (image.data == nullptr || width < 1 || height < 1) {
    throw wrong("image", size, "at least 1x1 is wanted");
  }
  // Offsets within a frame are computed in int; float32 holds the coordinates to 1/64 pixel.
  constexpr int kLongest = 1 << 17;
  if (width > kLongest || height > kLongest) {
    throw wrong("image", size, "sides up to 131072 are wanted");
  }
  const bool planes = has_planes(image.format);
  if (is_yuv(image.format) && (width % 2 != 0 || (planes && height % 2 != 0))) {
    throw wrong("image", size,
                "of NV12, NV21 and I420 frames even sides are wanted, of YUYV and UYVY frames an "
                "even width");
  }
  if (planes && image.chroma[0].data == nullptr) {
    const bool i420 = image.format == PixelFormat::i420;
    if (image.row_stride < width || (i420 && image.row_stride % 2 != 0)) {
      throw wrong("row_stride", image.row_stride,
                  std::string(i420 ? "an even number" : "one") +
                      " of at least the width is wanted, or the other planes");
    }
  } else if (image.format == PixelFormat::i420 && image.chroma[1].data == nullptr) {
    throw InvalidArgument("chroma: got one plane; of I420 frames those of U and V are wanted");
  }
}

}  // namespace rostro
