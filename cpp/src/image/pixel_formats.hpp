#pragma once

#include "kernels/kernels.hpp"
#include "rostro/image_view.hpp"

// What the formats of pixels have in common, and how they differ.
namespace rostro {

/// A rectangle of pixels.
struct Region {
  int left = 0, top = 0;
  Size size;
};

/// Whether pixels are luma and chroma.
bool is_yuv(PixelFormat format);

/// Whether chroma lies in planes of its own.
bool has_planes(PixelFormat format);

/// Of the first plane.
int bytes_per_pixel(PixelFormat format);

/// A part of an image. Of YUV its left is even, and its top where there are planes.
ImageView part_of(const ImageView& image, const Region& region);

/// One row of a YUV frame.
YuvRow yuv_row(const ImageView& image, int y);

/// Writes a row, whatever its format, as `image.size.width` pixels of three bytes: RGB where the
/// image is RGB or RGBA, else BGR.
void write_color_row(const KernelTable& kernels, const ImageView& image, int y, std::uint8_t* row);

}  // namespace rostro
