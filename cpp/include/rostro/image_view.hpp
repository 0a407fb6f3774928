#pragma once

#include <cstddef>
#include <cstdint>

#include "rostro/types.hpp"

namespace rostro {

/// How the bytes of an image are to be read.
enum class PixelFormat {
  bgr,   ///< 3 bytes a pixel, as OpenCV
  rgb,   ///< 3 bytes a pixel
  gray,  ///< 1 byte a pixel
  nv12,  ///< a plane of luma rows, then half as many rows of interleaved U and V; sides even
  yuyv,  ///< Y0 U Y1 V for two pixels; width even
};

/// An image that somebody else owns. Rows may be any distance apart (a crop of a larger frame), and
/// the distance may be negative (bottom-up bitmaps).
struct ImageView {
  const std::uint8_t* data = nullptr;
  Size size;
  std::ptrdiff_t row_stride = 0;  ///< bytes from one row to the next
  PixelFormat format = PixelFormat::bgr;
};

/// Throws InvalidArgument unless `image` can be read in its format.
void check_image(const ImageView& image);

}  // namespace rostro
