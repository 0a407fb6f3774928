#include <cfloat>
#include <cmath>
#include <cstdint>

#include "kernels/case.hpp"

namespace rostro::rig {

namespace {

class QuantizeRow : public Call {
 public:
  QuantizeRow(std::size_t dim, Flush flush)
      : v(dim, flush), codes_(output<std::int8_t>(dim, flush)) {}

  void run(const KernelTable& kernel) override {
    scale_ = kernel.quantize_row(v.data(), v.size(), codes_);
  }

  /// With the codes even where the scale is NaN: they have to be as they were.
  std::vector<double> result() const override {
    std::vector<double> numbers;
    append(numbers, &scale_, 1);
    append(numbers, codes_, v.size());
    return numbers;
  }

  std::string text() const override { return sizes({{"dim", v.size()}}); }

  GuardedBuffer<float> v;

 private:
  std::int8_t* codes_;
  float scale_ = 0;
};

void check_quantize_row(std::mt19937& random, const Visit& visit) {
  for (const std::size_t dim : sizes_across_tails(1, 130, {255, 256, 257, 511, 512, 513, 1024})) {
    for (const Flush flush : {Flush::front, Flush::back}) {
      QuantizeRow call(dim, flush);
      for (const double size : {1.0, 1e-30, 1e-36, 1e-44, 1e38}) {
        fill(call.v, random, -size, size);
        visit(call);
      }
      fill(call.v, random, -20, 20);  // halves of codes: ties
      for (float& x : call.v) x = std::floor(x) / 2;
      call.v[random() % dim] = 127;
      visit(call);
      for (const float special : {NAN, -NAN, INFINITY, -INFINITY, 0.0f, -0.0f, FLT_MAX, -FLT_MAX,
                                  FLT_MIN, 0x1p-118f, 0x1.fffffep-119f}) {
        fill(call.v, random, -1e-38, 1e-38);
        call.v[random() % dim] = special;
        visit(call);
      }
      for (float& x : call.v) x = -0.0f;
      visit(call);
    }
  }
}

std::vector<Work> quantize_works(std::mt19937& random) {
  auto call = std::make_shared<QuantizeRow>(512, Flush::front);
  fill(call->v, random, -0.1, 0.1);
  return {{"quantize_row: 512 numbers", call}};
}

}  // namespace

std::vector<Case> quantize_cases() {
  return {{"quantize_row", check_quantize_row, quantize_works}};
}

}  // namespace rostro::rig
