#include "rostro/image_view.hpp"

#include <string>

#include "rostro/error.hpp"

namespace rostro {

void check_image(const ImageView& image) {
  const auto [width, height] = image.size;
  const std::string size = std::to_string(width) + "x" + std::to_string(height);
  if (image.data == nullptr || width < 1 || height < 1) {
    throw InvalidArgument("image: " + size + " pixels; at least 1x1 is needed");
  }
  // Offsets within a frame are computed in int; float32 holds the coordinates to 1/64 pixel.
  constexpr int kLongest = 1 << 17;
  if (width > kLongest || height > kLongest) {
    throw InvalidArgument("image: " + size + " pixels; sides up to 131072 are supported");
  }
  const bool even_width = image.format == PixelFormat::nv12 || image.format == PixelFormat::yuyv;
  if ((even_width && width % 2 != 0) || (image.format == PixelFormat::nv12 && height % 2 != 0)) {
    throw InvalidArgument("image: " + size +
                          " pixels; NV12 frames need even sides, YUYV frames an even width");
  }
}

}  // namespace rostro
