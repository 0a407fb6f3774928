#include <cstdint>

#include "kernels/case.hpp"

namespace rostro::rig {

namespace {

class LumaRow : public Call {
 public:
  LumaRow(std::size_t width, bool swapped, Flush flush)
      : row(3 * width, flush),
        width_(width),
        swapped_(swapped),
        luma_(output<std::uint8_t>(width, flush)) {}

  void run(const KernelTable& kernel) override {
    const std::uint8_t bgr[] = {15, 75, 38}, rgb[] = {38, 75, 15};
    kernel.luma_row(row.data(), static_cast<int>(width_), swapped_ ? rgb : bgr, luma_);
  }

  std::vector<double> result() const override {
    std::vector<double> numbers;
    append(numbers, luma_, width_);
    return numbers;
  }

  std::string text() const override { return sizes({{"width", width_}, {"rgb", swapped_}}); }

  GuardedBuffer<std::uint8_t> row;

 private:
  std::size_t width_;
  bool swapped_;
  std::uint8_t* luma_;
};

/// Four rows of bytes, whose differences are taken.
class FourRows : public Call {
 public:
  FourRows(std::size_t n, Flush flush) : a(n, flush), b(n, flush), c(n, flush), d(n, flush) {}

  std::string text() const override { return sizes({{"n", a.size()}}); }

  void draw(std::mt19937& random, bool extreme) {
    for (GuardedBuffer<std::uint8_t>* bytes : {&a, &b, &c, &d}) {
      fill(*bytes, random, 0, 255);
      if (extreme) make_extreme(*bytes);
    }
  }

  GuardedBuffer<std::uint8_t> a, b, c, d;
};

class VariationRow : public FourRows {
 public:
  using FourRows::FourRows;

  void run(const KernelTable& kernel) override {
    sums_[0] = 7, sums_[1] = 1;  // they are added to
    kernel.variation_row(a.data(), b.data(), c.data(), d.data(), static_cast<int>(a.size()), sums_);
  }

  std::vector<double> result() const override {
    std::vector<double> numbers;
    append(numbers, sums_, 2);
    return numbers;
  }

 private:
  std::uint32_t sums_[2] = {};
};

class StepRow : public FourRows {
 public:
  StepRow(std::size_t n, Flush flush)
      : FourRows(n, flush), steps_(output<std::uint16_t>(n, flush, 0x21)) {}

  void run(const KernelTable& kernel) override {
    kernel.step_row(a.data(), b.data(), c.data(), d.data(), static_cast<int>(a.size()), steps_);
  }

  std::vector<double> result() const override {
    std::vector<double> numbers;
    append(numbers, steps_, a.size());
    return numbers;
  }

 private:
  std::uint16_t* steps_;
};

void check_luma_row(std::mt19937& random, const Visit& visit) {
  for (const std::size_t width : sizes_across_tails(1, 70, {112, 128, 250})) {
    for (const Flush flush : {Flush::front, Flush::back}) {
      LumaRow call(width, width % 2 == 0, flush);
      fill(call.row, random, 0, 255);
      visit(call);
      make_extreme(call.row);
      visit(call);
    }
  }
}

template <typename Row>
void check_rows(std::mt19937& random, const Visit& visit) {
  for (const std::size_t n : sizes_across_tails(1, 70, {112, 128, 250})) {
    for (const Flush flush : {Flush::front, Flush::back}) {
      Row call(n, flush);
      for (const bool extreme : {false, true}) {
        call.draw(random, extreme);
        visit(call);
      }
    }
  }
}

std::vector<Work> luma_works(std::mt19937& random) {
  auto call = std::make_shared<LumaRow>(112, false, Flush::front);
  fill(call->row, random, 0, 255);
  return {{"luma_row: 112 pixels", call}};
}

std::vector<Work> variation_works(std::mt19937& random) {
  auto call = std::make_shared<VariationRow>(96, Flush::front);
  call->draw(random, false);
  return {{"variation_row: 96 pixels", call}};
}

std::vector<Work> step_works(std::mt19937& random) {
  auto call = std::make_shared<StepRow>(128, Flush::front);
  call->draw(random, false);
  return {{"step_row: 128 pixels", call}};
}

}  // namespace

std::vector<Case> quality_cases() {
  return {{"luma_row", check_luma_row, luma_works},
          {"variation_row", check_rows<VariationRow>, variation_works},
          {"step_row", check_rows<StepRow>, step_works}};
}

}  // namespace rostro::rig
