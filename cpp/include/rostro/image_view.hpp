#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "rostro/types.hpp"

namespace rostro {

/// How the bytes of an image are to be read. YUV is that of ITU-R BT.601 in limited range, its
/// width even; that of formats in planes has an even height, too.
enum class PixelFormat {
  bgr,   ///< 3 bytes a pixel, as OpenCV
  rgb,   ///< 3 bytes a pixel
  bgra,  ///< 4 bytes a pixel, the last one of no account
  rgba,  ///< 4 bytes a pixel, the last one of no account
  gray,  ///< 1 byte a pixel
  nv12,  ///< a plane of luma rows; half as many rows of U and V in turn
  nv21,  ///< as NV12, but V before U
  i420,  ///< a plane of luma rows; half as many rows of U, half as long; as many of V
  yuyv,  ///< Y0 U Y1 V for two pixels
  uyvy,  ///< U Y0 V Y1 for two pixels
};

/// Rows of samples beside the luma's.
struct ChromaPlane {
  const std::uint8_t* data = nullptr;
  std::ptrdiff_t row_stride = 0;
};

/// An image that somebody else owns. Rows may be any distance apart (a crop of a larger frame), and
/// the distance may be negative (bottom-up bitmaps).
struct ImageView {
  const std::uint8_t* data = nullptr;  ///< the first row; of formats in planes, of the luma
  Size size;
  std::ptrdiff_t row_stride = 0;  ///< bytes from one row to the next
  PixelFormat format = PixelFormat::bgr;
  /// Where the other planes lie: one of NV12 and NV21, U and V of I420. Without data they follow
  /// each other from `size.height` rows below `data` on, I420's rows half as far apart.
  std::array<ChromaPlane, 2> chroma = {};
};

/// Throws InvalidArgument unless `image` can be read in its format.
void check_image(const ImageView& image);

}  // namespace rostro
