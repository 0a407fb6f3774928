#include <cstdint>
#include <string>

#include "kernels/case.hpp"

namespace rostro::rig {

namespace {

enum class Layout { i420, nv12, nv21, yuyv, uyvy };

constexpr Layout kLayouts[] = {Layout::i420, Layout::nv12, Layout::nv21, Layout::yuyv,
                               Layout::uyvy};
constexpr const char* kNames[] = {"i420", "nv12", "nv21", "yuyv", "uyvy"};

class YuvRowCall : public Call {
 public:
  YuvRowCall(std::size_t width, Layout layout, Flush flush)
      : luma(layout < Layout::yuyv ? width : 2 * width, flush),
        chroma(layout == Layout::i420 ? width / 2 : width, flush),
        second(width / 2, flush),
        width_(width),
        layout_(layout),
        bgr_(output<std::uint8_t>(3 * width, flush)) {}

  void run(const KernelTable& kernel) override {
    kernel.yuv_row(row(), static_cast<int>(width_), bgr_);
  }

  std::vector<double> result() const override {
    std::vector<double> numbers;
    append(numbers, bgr_, 3 * width_);
    return numbers;
  }

  std::string text() const override {
    return sizes({{"width", width_}}) + " " + kNames[static_cast<int>(layout_)];
  }

  GuardedBuffer<std::uint8_t> luma;  ///< with the chroma between, where the frame is packed
  GuardedBuffer<std::uint8_t> chroma;
  GuardedBuffer<std::uint8_t> second;  ///< of two planes of chroma

 private:
  YuvRow row() {
    const std::uint8_t *y = luma.data(), *uv = chroma.data();
    switch (layout_) {
      case Layout::i420:
        return {y, uv, second.data(), 1, 1};
      case Layout::nv12:
        return {y, uv, uv + 1, 1, 2};
      case Layout::nv21:
        return {y, uv + 1, uv, 1, 2};
      case Layout::yuyv:
        return {y, y + 1, y + 3, 2, 4};
      case Layout::uyvy:
        break;
    }
    return {y + 1, y, y + 2, 2, 4};
  }

  std::size_t width_;
  Layout layout_;
  std::uint8_t* bgr_;
};

void check_yuv_row(std::mt19937& random, const Visit& visit) {
  for (const std::size_t width : sizes_across_tails(1, 130, {256, 640, 1282})) {
    if (width % 2 != 0) continue;
    for (const Layout layout : kLayouts) {
      YuvRowCall call(width, layout, width % 4 == 0 ? Flush::back : Flush::front);
      for (auto* samples : {&call.luma, &call.chroma, &call.second}) {
        fill(*samples, random, 0, 255);
        if (width % 3 == 0) make_extreme(*samples);
      }
      visit(call);
    }
  }
}

std::vector<Work> yuv_works(std::mt19937& random) {
  std::vector<Work> works;
  for (const Layout layout : {Layout::i420, Layout::nv12, Layout::yuyv}) {
    auto call = std::make_shared<YuvRowCall>(1280, layout, Flush::front);
    for (auto* samples : {&call->luma, &call->chroma, &call->second}) {
      fill(*samples, random, 0, 255);
    }
    const std::string name = kNames[static_cast<int>(layout)];
    works.push_back({"yuv_row: " + name + ", 1280 pixels", call});
  }
  return works;
}

class DropAlphaRowCall : public Call {
 public:
  DropAlphaRowCall(std::size_t width, Flush flush)
      : pixels(4 * width, flush), width_(width), row_(output<std::uint8_t>(3 * width, flush)) {}

  void run(const KernelTable& kernel) override {
    kernel.drop_alpha_row(pixels.data(), static_cast<int>(width_), row_);
  }

  std::vector<double> result() const override {
    std::vector<double> numbers;
    append(numbers, row_, 3 * width_);
    return numbers;
  }

  std::string text() const override { return sizes({{"width", width_}}); }

  GuardedBuffer<std::uint8_t> pixels;

 private:
  std::size_t width_;
  std::uint8_t* row_;
};

void check_drop_alpha_row(std::mt19937& random, const Visit& visit) {
  for (const std::size_t width : sizes_across_tails(1, 130, {640})) {
    DropAlphaRowCall call(width, width % 2 == 0 ? Flush::back : Flush::front);
    fill(call.pixels, random, 0, 255);
    visit(call);
  }
}

std::vector<Work> drop_alpha_works(std::mt19937& random) {
  auto call = std::make_shared<DropAlphaRowCall>(1280, Flush::front);
  fill(call->pixels, random, 0, 255);
  return {{"drop_alpha_row: 1280 pixels", call}};
}

}  // namespace

std::vector<Case> yuv_cases() {
  return {{"yuv_row", check_yuv_row, yuv_works},
          {"drop_alpha_row", check_drop_alpha_row, drop_alpha_works}};
}

}  // namespace rostro::rig
