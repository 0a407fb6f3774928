#include <algorithm>
#include <cmath>
#include <cstdint>

#include "image/resample_taps.hpp"
#include "kernels/case.hpp"

namespace rostro::rig {

namespace {

/// 1..130 crosses every vector tail; the others are where frames are.
std::vector<std::size_t> widths() { return sizes_across_tails(1, 130, {255, 256, 257, 640, 1281}); }

/// Rows of which each ends where a page ends, or begins where one begins, and planes with their
/// padding.
class VerticalPass : public Call {
 public:
  VerticalPass(std::size_t width, std::size_t channels, std::size_t taps, Flush flush)
      : width_(width), channels_(channels), plane_(width + kPlanePadding) {
    for (std::size_t t = 0; t < taps; ++t) {
      rows.push_back(std::make_unique<GuardedBuffer<std::uint8_t>>(width * channels, flush));
      pointers_.push_back(rows.back()->data());
    }
    auto* memory = output<std::int16_t>(3 * plane_, Flush::back);
    for (std::size_t c = 0; c < 3; ++c) planes_[c] = memory + c * plane_;
  }

  std::vector<double> result() const override {
    std::vector<double> numbers;
    for (std::size_t c = 0; c < channels_; ++c) append(numbers, planes_[c], width_);
    return numbers;
  }

  std::string text() const override {
    return sizes({{"width", width_}, {"channels", channels_}, {"taps", rows.size()}});
  }

  std::vector<std::unique_ptr<GuardedBuffer<std::uint8_t>>> rows;
  std::ptrdiff_t ahead = 4096;

 protected:
  int width() const { return static_cast<int>(width_); }
  int channels() const { return static_cast<int>(channels_); }
  int taps() const { return static_cast<int>(rows.size()); }
  const std::uint8_t* const* pointers() const { return pointers_.data(); }
  std::int16_t* const* planes() const { return planes_; }

 private:
  std::size_t width_, channels_, plane_;
  std::vector<const std::uint8_t*> pointers_;
  std::int16_t* planes_[3];
};

class BlendRows : public VerticalPass {
 public:
  using VerticalPass::VerticalPass;
  void run(const KernelTable& kernel) override {
    kernel.blend_rows(pointers(), weights.data(), taps(), width(), channels(), ahead, planes());
  }
  std::vector<std::int16_t> weights;
};

class SumRows : public VerticalPass {
 public:
  using VerticalPass::VerticalPass;
  void run(const KernelTable& kernel) override {
    kernel.sum_rows(pointers(), taps(), width(), channels(), ahead, planes());
  }
};

void check_blend_rows(std::mt19937& random, const Visit& visit) {
  std::uniform_int_distribution<int> weight(0, 32767);
  for (const std::size_t width : widths()) {
    for (const std::size_t channels : {1u, 3u}) {
      for (const std::size_t taps : {1u, 2u, 3u, 4u, 9u}) {
        BlendRows call(width, channels, taps, (width + taps) % 2 == 0 ? Flush::back : Flush::front);
        // Every third has only 0 and 255, all weights at their most: sums that saturate.
        const bool extreme = width % 3 == 0;
        for (const auto& row : call.rows) {
          call.weights.push_back(static_cast<std::int16_t>(extreme ? 32767 : weight(random)));
          fill(*row, random, 0, 255);
          if (extreme) make_extreme(*row);
        }
        visit(call);
      }
    }
  }
}

void check_sum_rows(std::mt19937& random, const Visit& visit) {
  for (const std::size_t width : widths()) {
    for (const std::size_t channels : {1u, 3u}) {
      // Up to the most rows of 255.
      const std::size_t most = width == 64 ? std::size_t{kMostSummedRows} : 6;
      for (const std::size_t taps :
           {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{5}, most}) {
        SumRows call(width, channels, taps, taps % 2 == 0 ? Flush::back : Flush::front);
        for (const auto& row : call.rows) fill(*row, random, width == 64 ? 255 : 0, 255);
        visit(call);
      }
    }
  }
}

template <typename Pass>
std::shared_ptr<Pass> pass_over_frame(std::size_t taps, std::mt19937& random) {
  auto call = std::make_shared<Pass>(1280, 3, taps, Flush::front);
  for (const auto& row : call->rows) fill(*row, random, 0, 255);
  call->ahead = 0;
  return call;
}

std::vector<Work> blend_works(std::mt19937& random) {
  std::vector<Work> works;
  for (const std::size_t taps : {2u, 4u}) {
    auto call = pass_over_frame<BlendRows>(taps, random);
    call->weights.assign(taps, 8192);
    works.push_back({"blend_rows: " + std::to_string(taps) + " rows, 1280 pixels", call});
  }
  return works;
}

std::vector<Work> sum_works(std::mt19937& random) {
  return {{"sum_rows: 2 rows, 1280 pixels", pass_over_frame<SumRows>(2, random)}};
}

class ResampleRow : public Call {
 public:
  ResampleRow(std::size_t source, std::size_t width) : width_(width) {
    AxisTaps axis;
    axis.compute(static_cast<int>(source), static_cast<int>(width));
    table_.compute(axis);
    plane_ = source + static_cast<std::size_t>(axis.taps) + kPlanePadding;
    planes_ = std::make_unique<GuardedBuffer<std::int16_t>>(3 * plane_);
    // One guarded row each: nothing may be written past any of them.
    for (const Flush flush : {Flush::back, Flush::back, Flush::front}) {
      out_[outs_++] = output<float>(width, flush);
    }
  }

  void draw(std::mt19937& random) { fill(*planes_, random, -32768, 32767); }

  void run(const KernelTable& kernel) override {
    const std::int16_t* const planes[3] = {planes_->data(), planes_->data() + plane_,
                                           planes_->data() + 2 * plane_};
    kernel.resample_row(planes, table_.view, static_cast<int>(width_), kScale, kBias, out_);
  }

  std::vector<double> result() const override {
    std::vector<double> numbers;
    for (const float* row : out_) append(numbers, row, width_);
    return numbers;
  }

  /// One rounding of the product; |bias| is below 2.
  double tolerance(std::size_t, double wanted) const override {
    return (std::abs(wanted) + 2) * 0x1p-23;
  }

  std::string text() const override {
    return sizes({{"width", width_}, {"taps", table_.view.taps}});
  }

 private:
  static constexpr float kScale[3] = {1.0f / 128, -0.37f, 1.0f / (1 << 21)};
  static constexpr float kBias[3] = {0.0f, 1.5f, -127.5f / 128};
  std::size_t width_;
  std::size_t plane_ = 0;
  ColumnTable table_;
  std::unique_ptr<GuardedBuffer<std::int16_t>> planes_;
  float* out_[3];
  std::size_t outs_ = 0;
};

void check_resample_row(std::mt19937& random, const Visit& visit) {
  for (const std::size_t width : widths()) {
    for (const double step : {0.4, 1.0, 1.7, 2.0, 2.5, 3.0, 3.6, 5.0, 6.9, 11.3}) {
      const double source = std::max(1.0, static_cast<double>(width) * step);
      ResampleRow call(static_cast<std::size_t>(source), width);
      call.draw(random);
      visit(call);
    }
  }
}

std::vector<Work> resample_works(std::mt19937& random) {
  std::vector<Work> works;
  for (const std::size_t source : {960u, 1920u}) {
    auto call = std::make_shared<ResampleRow>(source, 640);
    call->draw(random);
    works.push_back({"resample_row: " + std::to_string(source) + " to 640 pixels", call});
  }
  return works;
}

/// Rows of which each ends where a page ends, or begins where one begins.
class ShrinkRows : public Call {
 public:
  ShrinkRows(std::size_t width, std::size_t factor, Flush flush) : width_(width) {
    for (std::size_t j = 0; j < factor; ++j) {
      rows.push_back(std::make_unique<GuardedBuffer<std::uint8_t>>(3 * factor * width, flush));
      pointers_.push_back(rows.back()->data());
    }
    for (float*& plane : out_) plane = output<float>(width, flush);
  }

  void run(const KernelTable& kernel) override {
    kernel.shrink_rows(pointers_.data(), static_cast<int>(rows.size()), static_cast<int>(width_),
                       ahead, kScale, kBias, out_);
  }

  std::vector<double> result() const override {
    std::vector<double> numbers;
    for (const float* plane : out_) append(numbers, plane, width_);
    return numbers;
  }

  /// One rounding of the product; |bias| is below 2.
  double tolerance(std::size_t, double wanted) const override {
    return (std::abs(wanted) + 2) * 0x1p-23;
  }

  std::string text() const override { return sizes({{"width", width_}, {"factor", rows.size()}}); }

  std::vector<std::unique_ptr<GuardedBuffer<std::uint8_t>>> rows;
  std::ptrdiff_t ahead = 4096;

 private:
  static constexpr float kScale[3] = {1.0f / 9 / 128, -0.37f, 0.25f};
  static constexpr float kBias[3] = {-127.5f / 128, 1.5f, 0.0f};
  std::size_t width_;
  std::vector<const std::uint8_t*> pointers_;
  float* out_[3];
};

void check_shrink_rows(std::mt19937& random, const Visit& visit) {
  for (const std::size_t width : widths()) {
    for (std::size_t factor = 2; factor <= std::size_t{kMostShrink}; ++factor) {
      ShrinkRows call(width, factor, (width + factor) % 2 == 0 ? Flush::back : Flush::front);
      for (const auto& row : call.rows) fill(*row, random, width % 5 == 0 ? 255 : 0, 255);
      visit(call);
    }
  }
}

std::vector<Work> shrink_works(std::mt19937& random) {
  std::vector<Work> works;
  for (const std::size_t factor : {2u, 3u}) {
    auto call = std::make_shared<ShrinkRows>(640, factor, Flush::front);
    for (const auto& row : call->rows) fill(*row, random, 0, 255);
    call->ahead = 0;
    const std::string source = std::to_string(factor * 640);
    works.push_back({"shrink_rows: " + source + " to 640 pixels", call});
  }
  return works;
}

}  // namespace

std::vector<Case> letterbox_cases() {
  return {{"blend_rows", check_blend_rows, blend_works},
          {"sum_rows", check_sum_rows, sum_works},
          {"resample_row", check_resample_row, resample_works},
          {"shrink_rows", check_shrink_rows, shrink_works}};
}

}  // namespace rostro::rig
