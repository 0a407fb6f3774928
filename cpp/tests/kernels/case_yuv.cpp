#include <cstdint>

#include "kernels/case.hpp"

namespace rostro::rig {

namespace {

class YuvRowCall : public Call {
 public:
  YuvRowCall(std::size_t width, bool nv12, Flush flush)
      : luma(nv12 ? width : 2 * width, flush),
        chroma(width, flush),
        width_(width),
        nv12_(nv12),
        bgr_(output<std::uint8_t>(3 * width, flush)) {}

  void run(const KernelTable& kernel) override {
    const std::uint8_t* y = luma.data();
    const YuvRow row =
        nv12_ ? YuvRow{y, chroma.data(), chroma.data() + 1, 1, 2} : YuvRow{y, y + 1, y + 3, 2, 4};
    kernel.yuv_row(row, static_cast<int>(width_), bgr_);
  }

  std::vector<double> result() const override {
    std::vector<double> numbers;
    append(numbers, bgr_, 3 * width_);
    return numbers;
  }

  std::string text() const override { return sizes({{"width", width_}, {"nv12", nv12_}}); }

  GuardedBuffer<std::uint8_t> luma;  ///< with the chroma between, where the frame is YUYV
  GuardedBuffer<std::uint8_t> chroma;

 private:
  std::size_t width_;
  bool nv12_;
  std::uint8_t* bgr_;
};

void check_yuv_row(std::mt19937& random, const Visit& visit) {
  for (const std::size_t width : sizes_across_tails(1, 130, {256, 640, 1282})) {
    if (width % 2 != 0) continue;
    for (const bool nv12 : {true, false}) {
      YuvRowCall call(width, nv12, width % 4 == 0 ? Flush::back : Flush::front);
      fill(call.luma, random, 0, 255);
      fill(call.chroma, random, 0, 255);
      if (width % 3 == 0) {
        make_extreme(call.luma);
        make_extreme(call.chroma);
      }
      visit(call);
    }
  }
}

std::vector<Work> yuv_works(std::mt19937& random) {
  std::vector<Work> works;
  for (const bool nv12 : {true, false}) {
    auto call = std::make_shared<YuvRowCall>(1280, nv12, Flush::front);
    fill(call->luma, random, 0, 255);
    fill(call->chroma, random, 0, 255);
    works.push_back({nv12 ? "yuv_row: nv12, 1280 pixels" : "yuv_row: yuyv, 1280 pixels", call});
  }
  return works;
}

}  // namespace

std::vector<Case> yuv_cases() { return {{"yuv_row", check_yuv_row, yuv_works}}; }

}  // namespace rostro::rig
