#include "rostro/image_view.hpp"

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
  const bool even_width = image.format == PixelFormat::nv12 || image.format == PixelFormat::yuyv;
  if ((even_width && width % 2 != 0) || (image.format == PixelFormat::nv12 && height % 2 != 0)) {
    throw wrong("image", size,
                "of NV12 frames even sides are wanted, of YUYV frames an even width");
  }
}

}  // namespace rostro
