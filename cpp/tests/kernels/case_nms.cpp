#include <cmath>
#include <cstdint>
#include <limits>

#include "kernels/case.hpp"
#include "simd/dispatch.hpp"

namespace rostro::rig {

namespace {

/// n boxes, every array of which ends (or begins) at a page that faults.
struct Boxes {
  Boxes(std::size_t n, Flush flush)
      : x1(n, flush), y1(n, flush), x2(n, flush), y2(n, flush), area(n, flush) {}

  std::size_t size() const { return x1.size(); }
  BoxArrays view() const { return {x1.data(), y1.data(), x2.data(), y2.data(), area.data()}; }

  void draw(std::mt19937& random, double place, double side) {
    fill(x1, random, 0, place);
    fill(y1, random, 0, place);
    fill(x2, random, -side / 4, side);
    fill(y2, random, -side / 4, side);
    for (std::size_t i = 0; i < size(); ++i) {
      x2[i] += x1[i];
      y2[i] += y1[i];
    }
  }

  /// One number of each kind of corner is of another kind.
  void make_strange(std::mt19937& random) {
    const float inf = std::numeric_limits<float>::infinity();
    const float strange[] = {std::nanf(""), inf, -inf, 0.0f, -0.0f, 1e38f, -1e38f, 1e-40f};
    for (GuardedBuffer<float>* corner : {&x1, &y1, &x2, &y2}) {
      (*corner)[random() % size()] = strange[random() % 8];
    }
  }

  /// Products of such sides are denormal numbers.
  void make_tiny() {
    for (GuardedBuffer<float>* corner : {&x1, &y1, &x2, &y2}) {
      for (float& value : *corner) value *= 1e-22f;
    }
  }

  void measure() {
    for (std::size_t i = 0; i < size(); ++i) {
      area[i] = std::fmax(x2[i] - x1[i], 0.0f) * std::fmax(y2[i] - y1[i], 0.0f);
    }
  }

  /// Boxes of which none meets the first, as is the rule.
  void draw_apart(std::mt19937& random) {
    fill(x1, random, 100, 600);
    fill(y1, random, 100, 400);
    x1[0] = y1[0] = 0;
    for (std::size_t i = 0; i < size(); ++i) {
      x2[i] = x1[i] + 20;
      y2[i] = y1[i] + 20;
    }
    measure();
  }

  GuardedBuffer<float> x1, y1, x2, y2, area;
};

/// Box i against those from `begin` to `end`.
class RowOfBoxes : public Call {
 public:
  RowOfBoxes(std::size_t n, Flush flush) : boxes(n, flush), end(n) {}

  std::string text() const override {
    return sizes({{"boxes", boxes.size()}, {"i", i}, {"begin", begin}, {"end", end}});
  }

  Boxes boxes;
  std::size_t i = 0, begin = 0, end;
};

class IouRow : public RowOfBoxes {
 public:
  IouRow(std::size_t n, Flush flush)
      : RowOfBoxes(n, flush), iou_(output<float>(n, n % 2 == 0 ? Flush::back : Flush::front)) {}

  void run(const KernelTable& kernel) override {
    kernel.iou_row(boxes.view(), i, begin, end, iou_);
  }

  std::vector<double> result() const override {
    std::vector<double> numbers;
    append(numbers, iou_, boxes.size());
    return numbers;
  }

 private:
  float* iou_;
};

void check_iou_row(std::mt19937& random, const Visit& visit) {
  for (const std::size_t n : sizes_across_tails(1, 90, {})) {
    for (const double place : {20.0, 2000.0}) {  // nearly all meet, nearly none do
      IouRow call(n, n % 3 == 0 ? Flush::front : Flush::back);
      call.boxes.draw(random, place, 30);
      if (n % 2 == 0) call.boxes.make_strange(random);
      call.boxes.measure();
      call.i = random() % n;
      visit(call);
      call.begin = random() % n;
      call.end = call.begin + random() % (n - call.begin + 1);
      visit(call);
    }
  }
}

std::vector<Work> iou_works(std::mt19937& random) {
  auto call = std::make_shared<IouRow>(1000, Flush::front);
  call->boxes.draw_apart(random);
  return {{"iou_row: 1000 boxes", call}};
}

class SuppressRow : public RowOfBoxes {
 public:
  SuppressRow(std::size_t n, Flush flush)
      : RowOfBoxes(n, flush), suppressed_(output<std::uint8_t>(n, Flush::back, 0)) {}

  void run(const KernelTable& kernel) override {
    kernel.suppress_row(boxes.view(), i, begin, end, threshold, suppressed_);
  }

  std::vector<double> result() const override {
    std::vector<double> numbers;
    append(numbers, suppressed_, boxes.size());
    return numbers;
  }

  std::string text() const override {
    return RowOfBoxes::text() + ", " + sizes({{"threshold", threshold}});
  }

  float threshold = 0.4f;

 private:
  std::uint8_t* suppressed_;
};

void check_suppress_row(std::mt19937& random, const Visit& visit) {
  for (const std::size_t n : sizes_across_tails(1, 200, {})) {
    SuppressRow call(n, n % 3 == 0 ? Flush::front : Flush::back);
    call.boxes.draw(random, 40.0, 30.0);
    if (n % 4 == 0) call.boxes.make_strange(random);
    if (n % 5 == 0) call.boxes.make_tiny();
    call.boxes.measure();
    call.i = random() % n;
    call.begin = random() % n;
    // A threshold that is met exactly, and the one below it.
    GuardedBuffer<float> iou(n);
    kernels(simd::Level::scalar).iou_row(call.boxes.view(), call.i, 0, n, iou.data());
    const float drawn = iou[random() % n];
    const float met = drawn >= 0.0f && drawn <= 1.0f ? drawn : 0.5f;
    for (const float threshold : {0.0f, 0.3f, 1.0f, met, std::nextafter(met, 0.0f)}) {
      call.threshold = threshold;
      visit(call);
    }
  }
}

std::vector<Work> suppress_works(std::mt19937& random) {
  auto call = std::make_shared<SuppressRow>(1000, Flush::front);
  call->boxes.draw_apart(random);
  return {{"suppress_row: 1000 boxes", call}};
}

}  // namespace

std::vector<Case> nms_cases() {
  return {{"iou_row", check_iou_row, iou_works},
          {"suppress_row", check_suppress_row, suppress_works}};
}

}  // namespace rostro::rig
