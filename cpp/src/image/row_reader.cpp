#include "image/row_reader.hpp"

namespace rostro {

void RowReader::start(const ImageView& image, int window) {
  image_ = image;
  if (image.format != PixelFormat::nv12 && image.format != PixelFormat::yuyv) return;
  held_.assign(static_cast<std::size_t>(window), -1);
  buffer_.resize(held_.size() * 3 * static_cast<std::size_t>(image.size.width));
}

const std::uint8_t* RowReader::row(const KernelTable& kernels, int y) {
  if (image_.format != PixelFormat::nv12 && image_.format != PixelFormat::yuyv) {
    return image_.data + y * image_.row_stride;
  }
  // Rows are asked for in rising order, so that y modulo the window is a free slot.
  const std::size_t slot = static_cast<std::size_t>(y) % held_.size();
  std::uint8_t* converted = buffer_.data() + slot * 3 * static_cast<std::size_t>(image_.size.width);
  if (held_[slot] != y) {
    kernels.yuv_row(yuv_row(image_, y), image_.size.width, converted);
    held_[slot] = y;
  }
  return converted;
}

std::ptrdiff_t RowReader::distance(int rows) const {
  const bool in_place = image_.format != PixelFormat::nv12 && image_.format != PixelFormat::yuyv;
  return in_place ? rows * image_.row_stride : 0;
}

YuvRow yuv_row(const ImageView& image, int y) {
  const std::uint8_t* luma = image.data + y * image.row_stride;
  if (image.format == PixelFormat::yuyv) return {luma, luma + 1, luma + 3, 2, 4};
  const std::uint8_t* chroma = image.data + (image.size.height + y / 2) * image.row_stride;
  return {luma, chroma, chroma + 1, 1, 2};
}

}  // namespace rostro
