#include <algorithm>
#include <array>
#include <cmath>

#include "attributes/measures.hpp"
#include "image/pixel_formats.hpp"
#include "image/tensor_format.hpp"

namespace rostro {

namespace {

constexpr int kMostSide =
    128;  ///< of what is looked at: sums of steps over as many rows fit 16 bits
constexpr int kFewestSide = 24;
constexpr int kBlock = 8;
/// Gray levels that both means have at least, so that the noise of a smooth picture is no grid.
constexpr double kFloor = 0.1;

/// Part of an image: its left and top pixel, and how many.
struct Part {
  int x, y, width, height;
};

/// The middle of a box that lies in the image, at most kMostSide pixels a side.
Part middle(const float* box, Size image) {
  const auto side = [](float low, float high, int pixels) {
    const int from =
        static_cast<int>(std::clamp(std::round(low), 0.0f, static_cast<float>(pixels)));
    const int to = static_cast<int>(std::clamp(std::round(high), 0.0f, static_cast<float>(pixels)));
    const int taken = std::clamp(to - from, 0, kMostSide);
    return Span{(from + to - taken) / 2, (from + to - taken) / 2 + taken};
  };
  const Span x = side(box[0], box[2], image.width), y = side(box[1], box[3], image.height);
  return {x.begin, y.begin, x.size(), y.size()};
}

constexpr int kWhole = 16;  ///< rows are looked at in so many pixels, for no kernel to have a rest

int whole(int pixels) { return (pixels + kWhole - 1) / kWhole * kWhole; }

/// Rows with zeros behind their pixels.
struct Luma {
  static constexpr int kStride = kMostSide + kWhole;

  std::uint8_t* row(int y) { return pixels.data() + y * kStride; }
  const std::uint8_t* row(int y) const { return pixels.data() + y * kStride; }

  std::array<std::uint8_t, kMostSide * kStride> pixels{};
};

void read_luma(const ImageView& image, const Part& part, const KernelTable& kernel, Luma& luma) {
  const std::uint8_t bgr[3] = {15, 75, 38}, rgb[3] = {38, 75, 15};
  const std::uint8_t* weights = swaps_channels(image.format, ChannelOrder::bgr) ? rgb : bgr;
  const int bytes = bytes_per_pixel(image.format);
  std::array<std::uint8_t, 3 * kMostSide> color;
  for (int y = 0; y < part.height; ++y) {
    const std::uint8_t* row = image.data + (part.y + y) * image.row_stride + bytes * part.x;
    std::uint8_t* to = luma.row(y);
    if (is_yuv(image.format)) {
      const YuvRow samples = yuv_row(image, part.y + y);
      for (int x = 0; x < part.width; ++x) to[x] = samples.y[(part.x + x) * samples.y_step];
    } else if (bytes == 1) {
      std::copy_n(row, part.width, to);
    } else {
      if (bytes == 4) kernel.drop_alpha_row(row, part.width, color.data());
      kernel.luma_row(bytes == 4 ? color.data() : row, part.width, weights, to);
    }
  }
}

/// Steps at one of eight neighbouring places, and the mean of the seven others'.
struct Grid {
  double block = 0, others = 0;
};

Grid strongest(const std::array<double, kBlock>& steps) {
  double sum = 0;
  for (const double step : steps) sum += step;
  const double most = *std::max_element(steps.begin(), steps.end());
  return {most, (sum - most) / (kBlock - 1)};
}

/// Steps between columns of pixels.
Grid across(const Luma& luma, const Part& part, const KernelTable& kernel) {
  std::array<std::uint16_t, kMostSide> steps{};
  const int places = part.width - 3;  // steps behind them are of zeros, and not read
  for (int y = 0; y < part.height; ++y) {
    const std::uint8_t* row = luma.row(y);
    kernel.step_row(row, row + 1, row + 2, row + 3, whole(places), steps.data());
  }
  std::array<double, kBlock> sums{};
  for (int p = 0; p < kBlock; ++p) {
    int taken = 0;
    for (int x = p; x < places; x += kBlock, ++taken) {
      sums[static_cast<std::size_t>(p)] += steps[static_cast<std::size_t>(x)];
    }
    sums[static_cast<std::size_t>(p)] /= taken * part.height;
  }
  return strongest(sums);
}

/// Steps between rows of pixels.
Grid down(const Luma& luma, const Part& part, const KernelTable& kernel) {
  std::array<double, kBlock> sums{};
  for (int p = 0; p < kBlock; ++p) {
    std::array<std::uint16_t, kMostSide> steps{};
    int taken = 0;
    for (int y = p; y < part.height - 3; y += kBlock, ++taken) {
      kernel.step_row(luma.row(y), luma.row(y + 1), luma.row(y + 2), luma.row(y + 3),
                      whole(part.width), steps.data());
    }
    std::uint32_t sum = 0;
    for (const std::uint16_t step : steps) sum += step;
    sums[static_cast<std::size_t>(p)] = static_cast<double>(sum) / (taken * part.width);
  }
  return strongest(sums);
}

}  // namespace

// The standard's own measure is a network. This one is how much higher the steps between pixels are
// at the edges of blocks of eight pixels than elsewhere, a step being by how much two pixels differ
// more than they do from their other neighbours. Where the blocks begin is read from the image, for
// it may have been cropped since: where the steps are highest.
void measure_compression(const ImageView& image, const float* box, const KernelTable& kernel,
                         QualityNumbers& measured) {
  const Part part = middle(box, image.size);
  if (part.width < kFewestSide || part.height < kFewestSide) return;
  Luma luma;
  read_luma(image, part, kernel, luma);
  const Grid columns = across(luma, part, kernel), rows = down(luma, part, kernel);
  at(measured, QualityMeasure::compression) = static_cast<float>(
      (columns.block + rows.block + kFloor) / (columns.others + rows.others + kFloor));
}

}  // namespace rostro
