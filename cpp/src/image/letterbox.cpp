#include "rostro/letterbox.hpp"

#include <algorithm>
#include <cmath>

#include "image/resample_taps.hpp"
#include "image/row_reader.hpp"
#include "image/tensor_format.hpp"
#include "simd/dispatch.hpp"
#include "support/aligned_vector.hpp"
#include "support/message.hpp"

namespace rostro {

namespace {

bool same_size(Size a, Size b) { return a.width == b.width && a.height == b.height; }

/// What a thread keeps from call to call, so that a camera's frames allocate nothing.
struct Workspace {
  Size source, content;
  RowTable rows;
  ColumnTable columns;
  RowReader reader;
  std::vector<const std::uint8_t*> row_pointers;
  AlignedVector<std::int16_t> planes;
  std::vector<float> lines;
  std::size_t plane_size = 0;
  int factor = 0;  ///< by which the frame shrinks on both axes, 0 where that is no whole number

  void prepare(Size new_source, Size new_content) {
    if (same_size(source, new_source) && same_size(content, new_content)) return;
    source = {};  // not valid until all is computed, should an allocation throw
    AxisTaps vertical, horizontal;
    vertical.compute(new_source.height, new_content.height);
    horizontal.compute(new_source.width, new_content.width);
    rows.compute(vertical);
    columns.compute(horizontal);
    row_pointers.resize(static_cast<std::size_t>(vertical.taps));
    const int times = new_source.width / new_content.width;
    const bool whole =
        same_size(new_source, {times * new_content.width, times * new_content.height});
    factor = whole ? times : 0;
    // An odd number of cache lines, so that the planes do not compete for the same cache sets.
    const int room = new_source.width + horizontal.taps + kPlanePadding;
    plane_size = static_cast<std::size_t>((room + 63) / 64 * 64 + 32);
    planes.assign(3 * plane_size, 0);
    lines.resize(3 * static_cast<std::size_t>(new_content.width));
    content = new_content;
    source = new_source;
  }

  /// Whether the vertical pass gives sums of rows instead of their mean in 1/128.
  bool sums_rows() const { return rows.equal_taps() > 1 && rows.equal_taps() <= kMostSummedRows; }

  /// Whether one kernel makes both passes.
  bool shrinks() const { return factor >= 2 && factor <= kMostShrink && reader.channels() == 3; }

  /// What a unit of a blended and resampled pixel is worth.
  float unit() const {
    if (shrinks()) return 1.0f / static_cast<float>(factor * factor);
    const int vertical = sums_rows() ? rows.equal_taps() : 1 << 7;
    return 1.0f / (static_cast<float>(vertical) * (1 << 14));
  }

  void start(const ImageView& image, Size new_content) {
    prepare(image.size, new_content);
    reader.start(image, static_cast<int>(row_pointers.size()));
  }
};

Workspace& workspace() {
  thread_local Workspace instance;
  return instance;
}

void check_target(Size target) {
  if (target.width < 1 || target.height < 1 || target.width > 16384 || target.height > 16384) {
    throw wrong("size", target, "sides of 1 to 16384 are wanted");
  }
}

ChannelScales reversed(const ChannelScales& scales) {
  return {{scales.scale[2], scales.scale[1], scales.scale[0]},
          {scales.bias[2], scales.bias[1], scales.bias[0]}};
}

/// Row `y` of the content, to three pointers in the order of the result.
void resample(const KernelTable& kernel, Workspace& work, int y, bool swap, const float* scale,
              const float* bias, float* const* out) {
  const RowTable::Row row = work.rows.row(y);
  for (int t = 0; t < row.taps; ++t) {
    work.row_pointers[static_cast<std::size_t>(t)] = work.reader.row(kernel, row.first + t);
  }
  const int next = y + 1 < work.content.height ? work.rows.row(y + 1).first : row.first;
  const std::ptrdiff_t ahead = work.reader.distance(next - row.first);
  const std::uint8_t* const* rows = work.row_pointers.data();
  const int channels = work.reader.channels();
  const auto in_order = [&](int c) { return channels == 1 ? 0 : swap ? 2 - c : c; };
  if (work.shrinks()) {
    float* planes[3];
    float scales[3], biases[3];
    for (int c = 0; c < 3; ++c) {
      planes[in_order(c)] = out[c];
      scales[in_order(c)] = scale[c];
      biases[in_order(c)] = bias[c];
    }
    kernel.shrink_rows(rows, work.factor, work.content.width, ahead, scales, biases, planes);
    return;
  }
  std::int16_t* data = work.planes.data();
  std::int16_t* const blended[3] = {data, data + work.plane_size, data + 2 * work.plane_size};
  if (work.sums_rows()) {
    kernel.sum_rows(rows, row.taps, work.source.width, channels, ahead, blended);
  } else {
    kernel.blend_rows(rows, row.weights, row.taps, work.source.width, channels, ahead, blended);
  }
  const std::int16_t* const planes[3] = {blended[in_order(0)], blended[in_order(1)],
                                         blended[in_order(2)]};
  kernel.resample_row(planes, work.columns.view, work.content.width, scale, bias, out);
}

/// Fills what the content leaves of a plane of the tensor.
template <typename T>
void pad_plane(T* plane, Size target, Size content, T value) {
  const std::size_t width = static_cast<std::size_t>(target.width);
  T* row = plane;
  for (int y = 0; y < content.height; ++y, row += width) {
    std::fill(row + content.width, row + width, value);
  }
  if (content.height == target.height) return;
  std::fill(row, row + width, value);
  // Copies of the first row, because memcpy uses the widest stores of the CPU.
  const std::size_t rows = static_cast<std::size_t>(target.height - content.height);
  for (std::size_t y = 1; y < rows; ++y) std::copy(row, row + width, row + y * width);
}

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

LetterboxTransform letterbox_f32(const ImageView& image, const LetterboxLayout& layout,
                                 const TensorFormat& format, float* out) {
  check_image(image);
  check_target(layout.target);
  const ChannelScales scales = channel_scales(format);
  const KernelTable& kernel = kernels();
  const Size content = letterbox_content(image.size, layout);
  const bool swap = swaps_channels(image.format, format.channels);
  Workspace& work = workspace();
  work.start(image, content);

  const std::size_t width = static_cast<std::size_t>(layout.target.width);
  const std::size_t plane = width * static_cast<std::size_t>(layout.target.height);
  float* rows[3] = {out, out + plane, out + 2 * plane};
  if (same_size(image.size, content) && work.reader.channels() == 3) {
    const ChannelScales in_order = swap ? reversed(scales) : scales;
    if (swap) std::swap(rows[0], rows[2]);
    for (int y = 0; y < content.height; ++y) {
      kernel.normalize_row(work.reader.row(kernel, y), content.width, in_order.scale.data(),
                           in_order.bias.data(), rows);
      for (float*& row : rows) row += width;
    }
  } else {
    float scale[3];
    for (std::size_t c = 0; c < 3; ++c) scale[c] = scales.scale[c] * work.unit();
    for (int y = 0; y < content.height; ++y) {
      resample(kernel, work, y, swap, scale, scales.bias.data(), rows);
      for (float*& row : rows) row += width;
    }
  }
  for (std::size_t c = 0; c < 3; ++c) {
    const float value = static_cast<float>(layout.pad) * scales.scale[c] + scales.bias[c];
    pad_plane(out + c * plane, layout.target, content, value);
  }
  return letterbox_transform(image.size, layout);
}

LetterboxTransform letterbox_u8(const ImageView& image, const LetterboxLayout& layout,
                                ChannelOrder channels, std::uint8_t* out) {
  check_image(image);
  check_target(layout.target);
  const KernelTable& kernel = kernels();
  const Size content = letterbox_content(image.size, layout);
  const bool swap = swaps_channels(image.format, channels);
  Workspace& work = workspace();
  work.start(image, content);

  const std::size_t width = static_cast<std::size_t>(layout.target.width);
  const std::size_t plane = width * static_cast<std::size_t>(layout.target.height);
  const std::size_t filled = static_cast<std::size_t>(content.width);
  const float unit = work.unit();
  const float scale[3] = {unit, unit, unit};
  const float rounding[3] = {0.5f, 0.5f, 0.5f};
  float* first = work.lines.data();
  float* const lines[3] = {first, first + filled, first + 2 * filled};
  for (int y = 0; y < content.height; ++y) {
    resample(kernel, work, y, swap, scale, rounding, lines);
    for (std::size_t c = 0; c < 3; ++c) {
      std::transform(
          lines[c], lines[c] + filled, out + c * plane + static_cast<std::size_t>(y) * width,
          [](float value) { return static_cast<std::uint8_t>(std::clamp(value, 0.0f, 255.0f)); });
    }
  }
  for (std::size_t c = 0; c < 3; ++c) {
    pad_plane(out + c * plane, layout.target, content, layout.pad);
  }
  return letterbox_transform(image.size, layout);
}

}  // namespace rostro
