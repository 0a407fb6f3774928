#include "image/warp.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "image/pixel_formats.hpp"
#include "image/tensor_format.hpp"
#include "simd/dispatch.hpp"

namespace rostro {

namespace {

/// From a span of pixels of a side to an even one that holds it and a pixel more at each end.
std::pair<int, int> widened(float low, float high, int side) {
  const float end = static_cast<float>(side);
  // Also of NaN these are within the image; kernels know what a transform with it gives.
  const int from = static_cast<int>(std::fmax(0.0f, std::fmin(std::floor(low) - 1, end)));
  const int to = static_cast<int>(std::fmax(0.0f, std::fmin(std::ceil(high) + 2, end)));
  return {from / 2 * 2, std::min((std::max(from, to) + 1) / 2 * 2, side)};
}

/// The pixels of an image that crops may be made of.
Region seen_by(const std::vector<Affine>& transforms, Size crop, Size image) {
  const float right = static_cast<float>(crop.width - 1),
              bottom = static_cast<float>(crop.height - 1);
  float left_most = std::numeric_limits<float>::infinity(), right_most = -left_most;
  float top_most = left_most, bottom_most = -left_most;
  for (const Affine& transform : transforms) {
    for (const Point& corner : {Point{0, 0}, {right, 0}, {0, bottom}, {right, bottom}}) {
      const float* m = transform.m;
      const float x = m[0] * corner.x + m[1] * corner.y + m[2];
      const float y = m[3] * corner.x + m[4] * corner.y + m[5];
      left_most = std::fmin(left_most, x);
      right_most = std::fmax(right_most, x);
      top_most = std::fmin(top_most, y);
      bottom_most = std::fmax(bottom_most, y);
    }
  }
  const auto [left, end] = widened(left_most, right_most, image.width);
  const auto [top, below] = widened(top_most, bottom_most, image.height);
  return {left, top, {end - left, below - top}};
}

/// The image as interleaved 3-byte pixels: as it is where it is so already, else with the pixels
/// that are seen converted, in memory that the thread keeps.
Pixels color_pixels(const ImageView& image, const KernelTable& kernel,
                    const std::vector<Affine>& transforms, Size crop) {
  const auto [width, height] = image.size;
  if (bytes_per_pixel(image.format) == 3) return {image.data, image.row_stride, width, height};
  thread_local std::vector<std::uint8_t> copy;
  const std::size_t row_bytes = 3 * static_cast<std::size_t>(width);
  if (copy.size() < row_bytes * static_cast<std::size_t>(height)) {
    copy.resize(row_bytes * static_cast<std::size_t>(height));
  }
  const Region seen = seen_by(transforms, crop, image.size);
  const ImageView part = part_of(image, seen);
  std::uint8_t* row = copy.data() + static_cast<std::size_t>(seen.top) * row_bytes + 3 * seen.left;
  for (int y = 0; y < seen.size.height; ++y, row += row_bytes) {
    if (seen.size.width > 0) write_color_row(kernel, part, y, row);
  }
  return {copy.data(), static_cast<std::ptrdiff_t>(row_bytes), width, height};
}

}  // namespace

void warp_u8(const ImageView& image, const std::vector<Affine>& transforms, Size size,
             ChannelOrder channels, std::uint8_t* out) {
  if (transforms.empty()) return;
  const KernelTable& kernel = kernels();
  const Pixels pixels = color_pixels(image, kernel, transforms, size);
  const bool swap = swaps_channels(image.format, channels);
  for (const Affine& transform : transforms) {
    for (int y = 0; y < size.height; ++y, out += 3 * size.width) {
      kernel.warp_row(pixels, transform.m, y, size.width, swap, out);
    }
  }
}

void warp_f32(const ImageView& image, const std::vector<Affine>& transforms, Size size,
              const TensorFormat& format, float* out) {
  const ChannelScales scales = channel_scales(format);
  if (transforms.empty()) return;
  const KernelTable& kernel = kernels();
  const Pixels pixels = color_pixels(image, kernel, transforms, size);
  const bool swap = swaps_channels(image.format, format.channels);
  const auto width = static_cast<std::size_t>(size.width);
  const std::size_t plane = width * static_cast<std::size_t>(size.height);
  // Rows of a plane follow each other: several are normalised at once, so many as stay in the
  // cache.
  constexpr int kRows = 8;
  thread_local std::vector<std::uint8_t> rows;
  rows.resize(3 * width * kRows);
  for (const Affine& transform : transforms) {
    for (int top = 0; top < size.height; top += kRows) {
      const int end = std::min(top + kRows, size.height);
      std::uint8_t* row = rows.data();
      for (int y = top; y < end; ++y, row += 3 * width) {
        kernel.warp_row(pixels, transform.m, y, size.width, swap, row);
      }
      float* first = out + static_cast<std::size_t>(top) * width;
      float* const planes[3] = {first, first + plane, first + 2 * plane};
      kernel.normalize_row(rows.data(), (end - top) * size.width, scales.scale.data(),
                           scales.bias.data(), planes);
    }
    out += 3 * plane;
  }
}

}  // namespace rostro
