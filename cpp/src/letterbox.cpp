#include "rostro/letterbox.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "dispatch.hpp"
#include "resample_taps.hpp"
#include "rostro/error.hpp"
#include "row_reader.hpp"
#include "tensor_format.hpp"

namespace rostro {

namespace {

/// What a thread keeps from call to call, so that a camera's frames allocate nothing.
struct Workspace {
  Size source, content;
  AxisTaps rows, columns;
  RowTaps row;
  ColumnTable table;
  RowReader reader;
  std::vector<const std::uint8_t*> row_pointers;
  std::vector<std::int16_t> planes;
  std::vector<float> line;

  void prepare(Size new_source, Size new_content) {
    const auto same = [](Size a, Size b) { return a.width == b.width && a.height == b.height; };
    if (same(source, new_source) && same(content, new_content)) return;
    source = {};  // not valid until all is computed, should an allocation throw
    rows.compute(new_source.height, new_content.height);
    columns.compute(new_source.width, new_content.width);
    table.compute(columns);
    row_pointers.resize(static_cast<std::size_t>(rows.taps));
    planes.assign(3 * plane_size(new_source), 0);
    line.resize(static_cast<std::size_t>(new_content.width));
    content = new_content;
    source = new_source;
  }

  std::size_t plane_size(Size image) const {
    return static_cast<std::size_t>(image.width + columns.taps + kPlanePadding);
  }
};

Workspace& workspace() {
  thread_local Workspace instance;
  return instance;
}

void check_target(Size target) {
  if (target.width < 1 || target.height < 1 || target.width > 16384 || target.height > 16384) {
    throw InvalidArgument("size: " + std::to_string(target.width) + "x" +
                          std::to_string(target.height) + "; sides of 1 to 16384 are wanted");
  }
}

/// Resamples the image and hands `write(plane, y, pixels, taps, width)` each row of each plane.
template <typename Write>
LetterboxTransform resample(const ImageView& image, const LetterboxLayout& layout,
                            PixelFormat channels, const Write& write) {
  check_image(image);
  check_target(layout.target);
  const KernelTable& kernel = kernels();
  const Size content = letterbox_content(image.size, layout);
  Workspace& work = workspace();
  work.prepare(image.size, content);
  work.reader.start(image, work.rows.taps);

  const int source_channels = work.reader.channels();
  const bool swap = swaps_channels(image.format, channels);
  const std::size_t plane_size = work.plane_size(image.size);
  std::int16_t* planes[3];
  for (std::size_t c = 0; c < 3; ++c) planes[c] = work.planes.data() + c * plane_size;

  for (int y = 0; y < content.height; ++y) {
    work.row.compute(work.rows, y);
    const int taps = static_cast<int>(work.row.weights.size());
    for (int t = 0; t < taps; ++t) {
      work.row_pointers[static_cast<std::size_t>(t)] = work.reader.row(kernel, work.row.first + t);
    }
    kernel.blend_rows(work.row_pointers.data(), work.row.weights.data(), taps, image.size.width,
                      source_channels, planes);
    for (int c = 0; c < 3; ++c) {
      const int source_plane = source_channels == 1 ? 0 : swap ? 2 - c : c;
      write(kernel, work, c, y, planes[source_plane]);
    }
  }
  return letterbox_transform(image.size, layout);
}

/// Blended and resampled pixels are in 1/2^7 and 1/2^14.
constexpr float kUnit = 1.0f / (1 << 21);

}  // namespace

Size letterbox_content(Size image, const LetterboxLayout& layout) {
  const Size target = layout.target;
  const double fit = std::min(static_cast<double>(target.width) / image.width,
                              static_cast<double>(target.height) / image.height);
  const double ratio = layout.upscale ? fit : std::min(fit, 1.0);
  const auto scaled = [ratio](int side, int limit) {
    return std::clamp(static_cast<int>(std::lround(side * ratio)), 1, limit);
  };
  return {scaled(image.width, target.width), scaled(image.height, target.height)};
}

LetterboxTransform letterbox_transform(Size image, const LetterboxLayout& layout) {
  const Size content = letterbox_content(image, layout);
  const double scale_x = static_cast<double>(image.width) / content.width;
  const double scale_y = static_cast<double>(image.height) / content.height;
  return {static_cast<float>(scale_x), static_cast<float>(scale_y),
          static_cast<float>(0.5 * scale_x - 0.5), static_cast<float>(0.5 * scale_y - 0.5)};
}

LetterboxTransform letterbox(const ImageView& image, const LetterboxLayout& layout,
                             const TensorFormat& format, float* out) {
  const ChannelScales scales = channel_scales(format);
  const std::size_t width = static_cast<std::size_t>(layout.target.width);
  const std::size_t plane = width * static_cast<std::size_t>(layout.target.height);
  const auto pad_value = [&](std::size_t c) {
    return static_cast<float>(layout.pad) * scales.scale[c] + scales.bias[c];
  };
  const LetterboxTransform transform = resample(
      image, layout, format.channels,
      [&](const KernelTable& kernel, const Workspace& work, int c, int y, const int16_t* pixels) {
        const std::size_t channel = static_cast<std::size_t>(c);
        float* row = out + channel * plane + static_cast<std::size_t>(y) * width;
        kernel.resample_row(pixels, work.table.view, work.content.width,
                            scales.scale[channel] * kUnit, scales.bias[channel], row);
        std::fill(row + work.content.width, row + width, pad_value(channel));
      });
  const std::size_t filled = width * static_cast<std::size_t>(workspace().content.height);
  for (std::size_t c = 0; c < 3; ++c) {
    std::fill(out + c * plane + filled, out + (c + 1) * plane, pad_value(c));
  }
  return transform;
}

LetterboxTransform letterbox_u8(const ImageView& image, const LetterboxLayout& layout,
                                PixelFormat channels, std::uint8_t* out) {
  check_channels(channels);
  const std::size_t width = static_cast<std::size_t>(layout.target.width);
  const std::size_t plane = width * static_cast<std::size_t>(layout.target.height);
  const LetterboxTransform transform = resample(
      image, layout, channels,
      [&](const KernelTable& kernel, Workspace& work, int c, int y, const int16_t* pixels) {
        std::uint8_t* row =
            out + static_cast<std::size_t>(c) * plane + static_cast<std::size_t>(y) * width;
        kernel.resample_row(pixels, work.table.view, work.content.width, kUnit, 0.5f,
                            work.line.data());
        std::transform(work.line.begin(), work.line.end(), row, [](float value) {
          return static_cast<std::uint8_t>(std::clamp(value, 0.0f, 255.0f));
        });
        std::fill(row + work.content.width, row + width, layout.pad);
      });
  const std::size_t filled = width * static_cast<std::size_t>(workspace().content.height);
  for (std::size_t c = 0; c < 3; ++c) {
    std::fill(out + c * plane + filled, out + (c + 1) * plane, layout.pad);
  }
  return transform;
}

}  // namespace rostro
