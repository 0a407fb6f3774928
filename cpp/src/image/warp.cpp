#include "image/warp.hpp"

#include <string>

#include "image/row_reader.hpp"
#include "image/tensor_format.hpp"
#include "simd/dispatch.hpp"

namespace rostro {

namespace {

/// The image as interleaved 3-byte pixels: as it is where it is so already, else a converted copy
/// of the rows.
class ColorFrame {
 public:
  ColorFrame(const ImageView& image, const KernelTable& kernel) {
    const auto [width, height] = image.size;
    if (image.format == PixelFormat::bgr || image.format == PixelFormat::rgb) {
      pixels_ = {image.data, image.row_stride, width, height};
      return;
    }
    const std::size_t row_bytes = 3 * static_cast<std::size_t>(width);
    copy_.resize(row_bytes * static_cast<std::size_t>(height));
    for (int y = 0; y < height; ++y) {
      std::uint8_t* row = copy_.data() + static_cast<std::size_t>(y) * row_bytes;
      if (image.format != PixelFormat::gray) {
        kernel.yuv_row(yuv_row(image, y), width, row);
        continue;
      }
      const std::uint8_t* gray = image.data + y * image.row_stride;
      for (int x = 0; x < width; ++x) row[3 * x] = row[3 * x + 1] = row[3 * x + 2] = gray[x];
    }
    pixels_ = {copy_.data(), static_cast<std::ptrdiff_t>(row_bytes), width, height};
  }

  const Pixels& pixels() const { return pixels_; }

 private:
  std::vector<std::uint8_t> copy_;
  Pixels pixels_{};
};

}  // namespace

void warp_u8(const ImageView& image, const std::vector<Affine>& transforms, Size size,
             ChannelOrder channels, std::uint8_t* out, int first_row) {
  if (transforms.empty()) return;
  const KernelTable& kernel = kernels();
  const ColorFrame frame(image, kernel);
  const bool swap = swaps_channels(image.format, channels);
  for (const Affine& transform : transforms) {
    for (int y = first_row; y < size.height; ++y, out += 3 * size.width) {
      kernel.warp_row(frame.pixels(), transform.m, y, size.width, swap, out);
    }
  }
}

void warp_f32(const ImageView& image, const std::vector<Affine>& transforms, Size size,
              const TensorFormat& format, float* out) {
  const ChannelScales scales = channel_scales(format);
  if (transforms.empty()) return;
  const KernelTable& kernel = kernels();
  const ColorFrame frame(image, kernel);
  const bool swap = swaps_channels(image.format, format.channels);
  const auto width = static_cast<std::size_t>(size.width);
  const std::size_t plane = width * static_cast<std::size_t>(size.height);
  std::vector<std::uint8_t> row(3 * width);
  for (const Affine& transform : transforms) {
    for (int y = 0; y < size.height; ++y) {
      kernel.warp_row(frame.pixels(), transform.m, y, size.width, swap, row.data());
      float* first = out + static_cast<std::size_t>(y) * width;
      float* const planes[3] = {first, first + plane, first + 2 * plane};
      kernel.normalize_row(row.data(), size.width, scales.scale.data(), scales.bias.data(), planes);
    }
    out += 3 * plane;
  }
}

}  // namespace rostro
