#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

#include "kernels/case.hpp"

namespace rostro::rig {

namespace {

/// A frame whose rows lie `gap` bytes apart, its last byte (or first) against a page that faults.
struct Frame {
  Frame(int width, int height, int gap, Flush flush)
      : bytes(static_cast<std::size_t>((height - 1) * (3 * width + gap) + 3 * width), flush),
        pixels{bytes.data(), 3 * width + gap, width, height} {}

  GuardedBuffer<std::uint8_t> bytes;
  Pixels pixels;
};

std::shared_ptr<Frame> draw_frame(std::mt19937& random, int width, int height, int gap,
                                  Flush flush) {
  auto frame = std::make_shared<Frame>(width, height, gap, flush);
  fill(frame->bytes, random, 0, 255);
  return frame;
}

using Matrix = std::array<float, 6>;

class WarpRow : public Call {
 public:
  WarpRow(std::shared_ptr<const Frame> frame, const Matrix& m, int y, int width, bool swap)
      : frame_(std::move(frame)),
        m_(m),
        y_(y),
        width_(width),
        swap_(swap),
        out_(output<std::uint8_t>(bytes(), y % 2 == 0 ? Flush::back : Flush::front)) {}

  void run(const KernelTable& kernel) override {
    kernel.warp_row(frame_->pixels, m_.data(), y_, width_, swap_, out_);
  }

  std::vector<double> result() const override {
    std::vector<double> numbers;
    append(numbers, out_, bytes());
    return numbers;
  }

  std::string text() const override {
    return sizes({{"frame's width", frame_->pixels.width},
                  {"frame's height", frame_->pixels.height},
                  {"width", width_},
                  {"y", y_}});
  }

 private:
  std::size_t bytes() const { return 3 * static_cast<std::size_t>(width_); }

  std::shared_ptr<const Frame> frame_;
  Matrix m_;
  int y_;
  int width_;
  bool swap_;
  std::uint8_t* out_;
};

/// Inside the frame, across its border and beyond.
void check_similarities(std::mt19937& random, const Visit& visit) {
  std::uniform_real_distribution<float> angle(-3.2f, 3.2f), scale(0.2f, 3.0f), shift(-0.4f, 1.0f);
  const int sides[][2] = {{1, 1}, {2, 2}, {3, 2}, {2, 9}, {7, 1}, {40, 31}, {130, 90}};
  for (const auto& side : sides) {
    for (const Flush flush : {Flush::front, Flush::back}) {
      const auto frame = draw_frame(random, side[0], side[1], side[0] % 4, flush);
      if (side[0] % 2 == 0) make_extreme(frame->bytes);
      for (int width = 1; width <= 70; ++width) {
        const float a = angle(random), s = scale(random);
        WarpRow call(
            frame,
            {s * std::cos(a), -s * std::sin(a), shift(random) * static_cast<float>(side[0]),
             s * std::sin(a), s * std::cos(a), shift(random) * static_cast<float>(side[1])},
            width % 50, width, width % 3 == 0);
        visit(call);
      }
      // The frame itself, pixel by pixel: every row up to the very last byte.
      for (int y = -2; y < side[1] + 2; ++y) {
        WarpRow call(frame, {1, 0, 0, 0, 1, 0}, y, side[0] + 3, false);
        visit(call);
      }
    }
  }
}

/// Up to the last pixel, where 8 bytes of a pair are not there any more.
void check_corners(std::mt19937& random, const Visit& visit) {
  for (const Flush flush : {Flush::front, Flush::back}) {
    const auto frame = draw_frame(random, 70, 9, 0, flush);
    for (const int width : {8, 16, 32, 48, 64}) {
      for (float past = -4.0f; past <= 2.0f; past += 0.5f) {
        for (const float down : {6.0f, 7.0f, 7.5f, 8.0f, 8.5f}) {
          WarpRow right(frame, {1, 0, static_cast<float>(70 - width) + past, 0, 1, down}, 0, width,
                        false);
          visit(right);
          WarpRow left(frame, {1, 0, -past, 0, -1, 8.0f - down}, 0, width, false);
          visit(left);
        }
      }
    }
  }
}

/// Coordinates without bounds, infinite and NaN.
void check_strange_points(std::mt19937& random, const Visit& visit) {
  const float inf = std::numeric_limits<float>::infinity();
  const float huge = std::numeric_limits<float>::max();
  const auto frame = draw_frame(random, 33, 17, 0, Flush::back);
  const float strange[] = {0.0f, -1e-9f, 1e9f, -1e9f, huge, -huge, inf, -inf, std::nanf("")};
  for (const float a : strange) {
    for (const float b : strange) {
      WarpRow call(frame, {a, 0.5f, b, b, 1.0f, a}, 3, 37, false);
      visit(call);
    }
  }
}

void check_warp_row(std::mt19937& random, const Visit& visit) {
  check_similarities(random, visit);
  check_corners(random, visit);
  check_strange_points(random, visit);
}

std::vector<Work> warp_works(std::mt19937& random) {
  const auto frame = draw_frame(random, 640, 480, 0, Flush::front);
  const Matrix m = {1.2f, 0.1f, 200, -0.1f, 1.2f, 150};
  return {{"warp_row: 112 pixels", std::make_shared<WarpRow>(frame, m, 50, 112, false)}};
}

class NormalizeRow : public Call {
 public:
  NormalizeRow(std::size_t width, Flush flush)
      : row(3 * width, flush),
        width_(width),
        planes_{output<float>(width, flush), output<float>(width, Flush::back),
                output<float>(width, Flush::back)} {}

  void run(const KernelTable& kernel) override {
    kernel.normalize_row(row.data(), static_cast<int>(width_), kScale, kBias, planes_);
  }

  std::vector<double> result() const override {
    std::vector<double> numbers;
    for (const float* plane : planes_) append(numbers, plane, width_);
    return numbers;
  }

  /// One rounding of the product.
  double tolerance(std::size_t i, double wanted) const override {
    const std::size_t c = i / width_, x = i % width_;
    const float product = static_cast<float>(row.data()[3 * x + c]) * kScale[c];
    return (std::abs(static_cast<double>(product)) + std::abs(wanted)) * 0x1p-23;
  }

  std::string text() const override { return sizes({{"width", width_}}); }

  GuardedBuffer<std::uint8_t> row;

 private:
  static constexpr float kScale[3] = {1.0f / 127.5f, 1.0f, -0.017f};
  static constexpr float kBias[3] = {-1.0f, 0.0f, 2.1f};
  std::size_t width_;
  float* planes_[3];
};

void check_normalize_row(std::mt19937& random, const Visit& visit) {
  for (const std::size_t width : sizes_across_tails(1, 130, {})) {
    NormalizeRow call(width, width % 2 == 0 ? Flush::back : Flush::front);
    fill(call.row, random, 0, 255);
    visit(call);
  }
}

std::vector<Work> normalize_works(std::mt19937& random) {
  auto call = std::make_shared<NormalizeRow>(112, Flush::front);
  fill(call->row, random, 0, 255);
  return {{"normalize_row: 112 pixels", call}};
}

}  // namespace

std::vector<Case> align_cases() {
  return {{"warp_row", check_warp_row, warp_works},
          {"normalize_row", check_normalize_row, normalize_works}};
}

}  // namespace rostro::rig
