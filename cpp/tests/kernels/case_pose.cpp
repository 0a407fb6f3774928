#include <algorithm>
#include <cmath>
#include <numeric>

#include "kernels/case.hpp"

namespace rostro::rig {

namespace {

/// Points of an object before a camera, seen where they are and a little beside.
class PoseSums : public Call {
 public:
  PoseSums(std::size_t count, Flush flush)
      : count_(count),
        room_((count + kPoseLanes - 1) / kPoseLanes * kPoseLanes),
        numbers_(6 * room_, flush),
        weights_(numbers_.data() + 5 * room_),
        sums_(output<double>(kPoseSums, flush)) {}

  void draw(std::mt19937& random, double noise) {
    std::uniform_real_distribution<double> unit(-1, 1);
    pose = {{0.8, -0.6, 0, 0.36, 0.48, -0.8, 0.48, 0.64, 0.6}, {0.05, -0.1, 0.7}, 600, 650, 4};
    std::fill(numbers_.begin(), numbers_.end(), 0.0);
    for (std::size_t i = 0; i < count_; ++i) {
      const double x = 0.08 * unit(random), y = 0.1 * unit(random), z = 0.05 * unit(random);
      const double* m = pose.rotation;
      const double depth = m[6] * x + m[7] * y + m[8] * z + pose.translation[2];
      const double point[6] = {
          x,
          y,
          z,
          pose.fx * (m[0] * x + m[1] * y + m[2] * z + pose.translation[0]) / depth +
              noise * unit(random),
          pose.fy * (m[3] * x + m[4] * y + m[5] * z + pose.translation[1]) / depth +
              noise * unit(random),
          random() % 7 == 0 ? 0.0 : 1 + 0.5 * unit(random)};
      for (std::size_t k = 0; k < 6; ++k) number(k, i) = point[k];
    }
  }

  double& number(std::size_t which, std::size_t point) { return numbers_[which * room_ + point]; }

  void run(const KernelTable& kernel) override {
    const double* first = numbers_.data();
    kernel.pose_sums({first, first + room_, first + 2 * room_, first + 3 * room_, first + 4 * room_,
                      first + 5 * room_, count_},
                     pose, sums_);
  }

  std::vector<double> result() const override {
    std::vector<double> numbers;
    append(numbers, sums_, kPoseSums);
    return numbers;
  }

  /// By Cauchy and Schwarz, the absolute terms of a product sum to the root of both squares' at
  /// most; the squared residuals sum to the cost at most, or to it where none is beyond `huber`.
  /// Residuals are differences of some hundred pixels: their own rounding is all that there is of
  /// them where points lie exactly, and compilers for ARM fuse what is multiplied and added.
  double tolerance(std::size_t i, double wanted) const override {
    constexpr double kRounding = 1e-12;
    const double weights = std::accumulate(weights_, weights_ + count_, 0.0);
    const double rounded = kRounding * std::sqrt(weights);
    if (i == 27) {
      return 1e-12 * std::abs(wanted) + 2 * rounded * (std::sqrt(std::abs(wanted)) + rounded);
    }
    const auto square = [this](std::size_t row) {
      constexpr std::size_t kDiagonal[6] = {0, 6, 11, 15, 18, 20};
      return std::abs(sums_[kDiagonal[row]]);
    };
    if (i >= 21) {
      return std::sqrt(square(i - 21)) * (1e-12 * std::sqrt(std::abs(sums_[27])) + rounded);
    }
    std::size_t row = 0, column = i;
    for (std::size_t length = 6; column >= length; ++row) column -= length--;
    return 1e-12 * std::sqrt(square(row) * square(row + column)) + 1e-300;
  }

  std::string text() const override { return sizes({{"points", count_}, {"huber", pose.huber}}); }

  PoseGuess pose = {};

 private:
  std::size_t count_, room_;
  GuardedBuffer<double> numbers_;
  const double* weights_;
  double* sums_;
};

void check_pose_sums(std::mt19937& random, const Visit& visit) {
  for (const std::size_t count : sizes_across_tails(4, 40, {68, 98, 106, 478})) {
    for (const Flush flush : {Flush::front, Flush::back}) {
      PoseSums call(count, flush);
      for (const double noise : {0.0, 1.0, 30.0}) {
        call.draw(random, noise);
        visit(call);
      }
      call.pose.huber = 1e30;
      visit(call);
      call.pose.translation[2] = 0.02;  // some points lie behind the camera
      visit(call);
      call.draw(random, 1.0);
      for (std::size_t i = 0; i < count; ++i) call.number(5, i) = 0;  // nothing counts
      visit(call);
    }
  }
}

std::vector<Work> pose_works(std::mt19937& random) {
  std::vector<Work> works;
  for (const std::size_t count : {5u, 68u, 478u}) {
    auto call = std::make_shared<PoseSums>(count, Flush::front);
    call->draw(random, 1.0);
    works.push_back({"pose_sums: " + std::to_string(count) + " points", call});
  }
  return works;
}

}  // namespace

std::vector<Case> pose_cases() { return {{"pose_sums", check_pose_sums, pose_works}}; }

}  // namespace rostro::rig
