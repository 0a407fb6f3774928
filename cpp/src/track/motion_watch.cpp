#include "rostro/motion_watch.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "rostro/error.hpp"
#include "track/track_input.hpp"

namespace rostro {

namespace {

constexpr int kCells = 80;        // along the longer side
constexpr int kSmallestCell = 4;  // pixels
constexpr int kSamples = 4;       // a cell and axis
constexpr float kLeastChange = 8;
constexpr float kDeviations = 6;
constexpr int kEnough = 5;  // of 3x3 cells
constexpr float kBeside = 1, kAbove = 0.5f, kBelow = 3;

/// Sums the luma of cells of a row of the grid. `weigh` reads a pixel.
template <int kPixel, typename Weigh>
void add_row(const std::uint8_t* row, int cell, int columns, const Weigh& weigh, float* sums) {
  const int step = std::max(1, cell / kSamples);
  for (int column = 0; column < columns; ++column) {
    const std::uint8_t* pixel = row + (column * cell + step / 2) * kPixel;
    int sum = 0;
    for (int k = 0; k < kSamples; ++k) sum += weigh(pixel + k * step * kPixel);
    sums[column] += static_cast<float>(sum);
  }
}

void add_row(const std::uint8_t* row, PixelFormat format, int cell, int columns, float* sums) {
  // Of colors four times a luma: b + 2 g + r.
  const auto of_color = [](const std::uint8_t* p) { return p[0] + 2 * p[1] + p[2]; };
  const auto of_luma = [](const std::uint8_t* p) { return 4 * p[0]; };
  switch (format) {
    case PixelFormat::bgr:
    case PixelFormat::rgb:
      return add_row<3>(row, cell, columns, of_color, sums);
    case PixelFormat::bgra:
    case PixelFormat::rgba:
      return add_row<4>(row, cell, columns, of_color, sums);
    case PixelFormat::yuyv:
      return add_row<2>(row, cell, columns, of_luma, sums);
    case PixelFormat::uyvy:
      return add_row<2>(row + 1, cell, columns, of_luma, sums);
    case PixelFormat::gray:
    case PixelFormat::nv12:
    case PixelFormat::nv21:
    case PixelFormat::i420:
      return add_row<1>(row, cell, columns, of_luma, sums);
  }
}

void compose(const double* first, const float* then, double* out) {
  const double m[6] = {then[0], then[1], then[2], then[3], then[4], then[5]};
  for (int row = 0; row < 2; ++row) {
    const double* a = m + 3 * row;
    for (int column = 0; column < 3; ++column) {
      out[3 * row + column] =
          a[0] * first[column] + a[1] * first[3 + column] + (column == 2 ? a[2] : 0);
    }
  }
}

/// The transform back; false where the one there is too flat to be undone.
bool inverse(const double* m, std::array<double, 6>& back) {
  const double det = m[0] * m[4] - m[1] * m[3];
  if (!(std::abs(det) > 1e-9) || !std::isfinite(det)) return false;
  back = {m[4] / det, -m[1] / det, 0, -m[3] / det, m[0] / det, 0};
  back[2] = -(back[0] * m[2] + back[1] * m[5]);
  back[5] = -(back[3] * m[2] + back[4] * m[5]);
  return true;
}

float median(std::vector<float>& numbers) {
  const auto middle = numbers.begin() + static_cast<std::ptrdiff_t>(numbers.size() / 2);
  std::nth_element(numbers.begin(), middle, numbers.end());
  return *middle;
}

}  // namespace

void MotionWatch::see(const ImageView& image, const Affine* motion) {
  check_image(image);
  if (motion != nullptr) checked_scale(*motion);
  const int longer = std::max(image.size.width, image.size.height);
  const int cell = std::max(kSmallestCell, (longer + kCells - 1) / kCells);
  now_.image = image.size;
  now_.cell = cell;
  now_.columns = image.size.width / cell;
  now_.rows = image.size.height / cell;
  now_.luma.assign(static_cast<std::size_t>(now_.columns) * static_cast<std::size_t>(now_.rows), 0);
  const int step = std::max(1, cell / kSamples);
  for (int row = 0; row < now_.rows; ++row) {
    float* sums = now_.luma.data() + row * now_.columns;
    for (int k = 0; k < kSamples; ++k) {
      const int y = row * cell + step / 2 + k * step;
      add_row(image.data + y * image.row_stride, image.format, cell, now_.columns, sums);
    }
  }
  for (float& sum : now_.luma) sum /= 4 * kSamples * kSamples;
  if (motion != nullptr) {
    compose(since_, motion->m, to_now_);
  } else {
    std::copy_n(since_, 6, to_now_);
  }
}

void MotionWatch::mask(const float* boxes, std::size_t count, const double* m) {
  const auto cell = static_cast<float>(now_.cell);
  for (std::size_t i = 0; i < count; ++i) {
    const float* box = boxes + 4 * i;
    const float width = box[2] - box[0], height = box[3] - box[1];
    float x1 = box[0] - kBeside * width, x2 = box[2] + kBeside * width;
    float y1 = box[1] - kAbove * height, y2 = box[3] + kBelow * height;
    if (m != nullptr) {
      // The box around where its corners go.
      const float xs[2] = {x1, x2}, ys[2] = {y1, y2};
      x1 = y1 = std::numeric_limits<float>::infinity();
      x2 = y2 = -x1;
      for (int corner = 0; corner < 4; ++corner) {
        const auto x = static_cast<double>(xs[corner % 2]), y = static_cast<double>(ys[corner / 2]);
        const auto to_x = static_cast<float>(m[0] * x + m[1] * y + m[2]);
        const auto to_y = static_cast<float>(m[3] * x + m[4] * y + m[5]);
        x1 = std::min(x1, to_x);
        x2 = std::max(x2, to_x);
        y1 = std::min(y1, to_y);
        y2 = std::max(y2, to_y);
      }
    }
    const auto place = [cell](float edge, int most) {
      return static_cast<int>(std::clamp(edge / cell, 0.0f, static_cast<float>(most)));
    };
    const int left = place(x1, now_.columns), right = place(x2 + cell, now_.columns);
    const int top = place(y1, now_.rows), bottom = place(y2 + cell, now_.rows);
    for (int row = top; row < bottom; ++row) {
      std::fill_n(looked_at_.begin() + row * now_.columns + left, std::max(0, right - left),
                  std::uint8_t{0});
    }
  }
}

bool MotionWatch::changed(const float* boxes, std::size_t count) {
  if (kept_.luma.empty() || kept_.image.width != now_.image.width ||
      kept_.image.height != now_.image.height) {
    return true;
  }
  std::array<double, 6> back{};
  if (!inverse(to_now_, back)) return true;
  looked_at_.assign(now_.luma.size(), 1);
  mask(boxes, count, nullptr);
  mask(kept_boxes_.data(), kept_boxes_.size() / 4, to_now_);

  const auto at = [this](int row, int column) {
    return static_cast<std::size_t>(row * now_.columns + column);
  };
  // Where each cell was, and how it differs from there.
  off_.assign(now_.luma.size(), 0);
  sorted_.clear();
  std::vector<std::uint8_t>& known = looked_at_;
  changed_.assign(now_.luma.size(), 0);
  const auto old_place = [&](int row, int column, int& old_row, int& old_column) {
    const double half = now_.cell / 2.0;
    const double x = column * now_.cell + half, y = row * now_.cell + half;
    const double old_x = (back[0] * x + back[1] * y + back[2]) / now_.cell;
    const double old_y = (back[3] * x + back[4] * y + back[5]) / now_.cell;
    if (!(old_x >= 0 && old_x < now_.columns && old_y >= 0 && old_y < now_.rows)) return false;
    old_row = static_cast<int>(old_y);
    old_column = static_cast<int>(old_x);
    return true;
  };
  for (int row = 0; row < now_.rows; ++row) {
    for (int column = 0; column < now_.columns; ++column) {
      const std::size_t cell = at(row, column);
      int old_row = 0, old_column = 0;
      if (!known[cell]) continue;
      if (!old_place(row, column, old_row, old_column)) {
        known[cell] = 0;  // what comes into the frame with the camera was not seen before
        continue;
      }
      off_[cell] = now_.luma[cell] - kept_.luma[at(old_row, old_column)];
      sorted_.push_back(off_[cell]);
    }
  }
  if (sorted_.empty()) return false;
  const float brighter = median(sorted_);
  for (float& off : sorted_) off = std::abs(off - brighter);
  const float limit = std::max(kLeastChange, kDeviations * 1.4826f * median(sorted_));

  for (int row = 0; row < now_.rows; ++row) {
    for (int column = 0; column < now_.columns; ++column) {
      const std::size_t cell = at(row, column);
      if (!known[cell] || std::abs(off_[cell] - brighter) <= limit) continue;
      int old_row = 0, old_column = 0;
      old_place(row, column, old_row, old_column);
      float least = std::numeric_limits<float>::infinity(), most = -least;
      for (int y = std::max(0, old_row - 1); y <= std::min(now_.rows - 1, old_row + 1); ++y) {
        for (int x = std::max(0, old_column - 1); x <= std::min(now_.columns - 1, old_column + 1);
             ++x) {
          least = std::min(least, kept_.luma[at(y, x)]);
          most = std::max(most, kept_.luma[at(y, x)]);
        }
      }
      const float luma = now_.luma[cell] - brighter;
      changed_[cell] = luma < least - limit || luma > most + limit;
    }
  }
  for (int row = 0; row + 2 < now_.rows; ++row) {
    for (int column = 0; column + 2 < now_.columns; ++column) {
      int sum = 0;
      for (int y = 0; y < 3; ++y) {
        for (int x = 0; x < 3; ++x) sum += changed_[at(row + y, column + x)];
      }
      if (sum >= kEnough) return true;
    }
  }
  return false;
}

void MotionWatch::accept() { std::copy_n(to_now_, 6, since_); }

void MotionWatch::keep(const float* boxes, std::size_t count) {
  kept_ = now_;
  kept_boxes_.assign(boxes, boxes + 4 * count);
  const double none[6] = {1, 0, 0, 0, 1, 0};
  std::copy_n(none, 6, since_);
  std::copy_n(none, 6, to_now_);
}

}  // namespace rostro
