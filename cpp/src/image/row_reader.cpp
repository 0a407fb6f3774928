#include "image/row_reader.hpp"

#include "image/pixel_formats.hpp"

namespace rostro {

void RowReader::start(const ImageView& image, int window) {
  image_ = image;
  in_place_ = !is_yuv(image.format) && bytes_per_pixel(image.format) == channels();
  if (in_place_) return;
  held_.assign(static_cast<std::size_t>(window), -1);
  buffer_.resize(held_.size() * 3 * static_cast<std::size_t>(image.size.width));
}

const std::uint8_t* RowReader::row(const KernelTable& kernels, int y) {
  if (in_place_) return image_.data + y * image_.row_stride;
  // Rows are asked for in rising order, so that y modulo the window is a free slot.
  const std::size_t slot = static_cast<std::size_t>(y) % held_.size();
  std::uint8_t* converted = buffer_.data() + slot * 3 * static_cast<std::size_t>(image_.size.width);
  if (held_[slot] != y) {
    write_color_row(kernels, image_, y, converted);
    held_[slot] = y;
  }
  return converted;
}

std::ptrdiff_t RowReader::distance(int rows) const {
  return in_place_ ? rows * image_.row_stride : 0;
}

}  // namespace rostro
