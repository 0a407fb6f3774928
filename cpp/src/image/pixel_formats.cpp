#include "image/pixel_formats.hpp"

#include <cstring>

namespace rostro {

namespace {

/// Where a plane of chroma lies.
ChromaPlane chroma_of(const ImageView& image, std::size_t plane) {
  if (image.chroma[plane].data != nullptr) return image.chroma[plane];
  const std::uint8_t* end = image.data + image.size.height * image.row_stride;
  if (image.format != PixelFormat::i420) return {end, image.row_stride};
  const std::ptrdiff_t stride = image.row_stride / 2;
  return {plane == 0 ? end : end + image.size.height / 2 * stride, stride};
}

}  // namespace

bool is_yuv(PixelFormat format) {
  return has_planes(format) || format == PixelFormat::yuyv || format == PixelFormat::uyvy;
}

bool has_planes(PixelFormat format) {
  return format == PixelFormat::nv12 || format == PixelFormat::nv21 || format == PixelFormat::i420;
}

int bytes_per_pixel(PixelFormat format) {
  switch (format) {
    case PixelFormat::bgr:
    case PixelFormat::rgb:
      return 3;
    case PixelFormat::bgra:
    case PixelFormat::rgba:
      return 4;
    case PixelFormat::yuyv:
    case PixelFormat::uyvy:
      return 2;
    case PixelFormat::gray:
    case PixelFormat::nv12:
    case PixelFormat::nv21:
    case PixelFormat::i420:
      break;
  }
  return 1;
}

ImageView part_of(const ImageView& image, const Region& region) {
  ImageView part = image;
  part.data += region.top * image.row_stride + region.left * bytes_per_pixel(image.format);
  part.size = region.size;
  if (!has_planes(image.format)) return part;
  const bool i420 = image.format == PixelFormat::i420;
  for (std::size_t plane = 0; plane < (i420 ? 2u : 1u); ++plane) {
    ChromaPlane chroma = chroma_of(image, plane);
    chroma.data += region.top / 2 * chroma.row_stride + (i420 ? region.left / 2 : region.left);
    part.chroma[plane] = chroma;
  }
  return part;
}

YuvRow yuv_row(const ImageView& image, int y) {
  const std::uint8_t* row = image.data + y * image.row_stride;
  if (image.format == PixelFormat::yuyv) return {row, row + 1, row + 3, 2, 4};
  if (image.format == PixelFormat::uyvy) return {row + 1, row, row + 2, 2, 4};
  const auto chroma_row = [&](std::size_t plane) {
    const ChromaPlane chroma = chroma_of(image, plane);
    return chroma.data + y / 2 * chroma.row_stride;
  };
  const std::uint8_t* chroma = chroma_row(0);
  if (image.format == PixelFormat::i420) return {row, chroma, chroma_row(1), 1, 1};
  const bool nv12 = image.format == PixelFormat::nv12;
  return {row, nv12 ? chroma : chroma + 1, nv12 ? chroma + 1 : chroma, 1, 2};
}

void write_color_row(const KernelTable& kernels, const ImageView& image, int y, std::uint8_t* row) {
  const int width = image.size.width;
  if (is_yuv(image.format)) return kernels.yuv_row(yuv_row(image, y), width, row);
  const std::uint8_t* pixels = image.data + y * image.row_stride;
  switch (bytes_per_pixel(image.format)) {
    case 4:
      return kernels.drop_alpha_row(pixels, width, row);
    case 3:
      std::memcpy(row, pixels, 3 * static_cast<std::size_t>(width));
      return;
    default:
      for (int x = 0; x < width; ++x) row[3 * x] = row[3 * x + 1] = row[3 * x + 2] = pixels[x];
  }
}

}  // namespace rostro
