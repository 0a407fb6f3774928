#include "image/resample_taps.hpp"

#include <algorithm>
#include <cmath>

namespace rostro {

namespace {

void bilinear(int source, double step, std::size_t x, AxisTaps& axis) {
  const double centre = (static_cast<double>(x) + 0.5) * step - 0.5;
  const double inside = std::clamp(centre, 0.0, static_cast<double>(source - 1));
  const double first = std::floor(inside);
  axis.first[x] = static_cast<std::int32_t>(first);
  axis.weights[2 * x] = static_cast<float>(1.0 - (inside - first));
  axis.weights[2 * x + 1] = static_cast<float>(inside - first);
}

void mean_of_covered(int source, double step, std::size_t x, AxisTaps& axis) {
  const double begin = static_cast<double>(x) * step;
  const double end = std::min(begin + step, static_cast<double>(source));
  const int first = std::min(static_cast<int>(begin), source - 1);
  axis.first[x] = first;
  for (int t = 0; t < axis.taps; ++t) {
    const double covered = std::min(end, first + t + 1.0) - std::max(begin, first + t + 0.0);
    axis.weights[x * static_cast<std::size_t>(axis.taps) + static_cast<std::size_t>(t)] =
        static_cast<float>(std::max(covered, 0.0) / (end - begin));
  }
}

}  // namespace

void AxisTaps::compute(int source, int target) {
  const double step = static_cast<double>(source) / target;
  const std::size_t n = static_cast<std::size_t>(target);
  const bool shrinks = step > 2.0;
  taps = shrinks ? static_cast<int>(std::ceil(step)) + 1 : 2;
  first.resize(n);
  weights.assign(n * static_cast<std::size_t>(taps), 0.0f);
  for (std::size_t x = 0; x < n; ++x) {
    shrinks ? mean_of_covered(source, step, x, *this) : bilinear(source, step, x, *this);
  }
}

void RowTable::compute(const AxisTaps& axis) {
  stride_ = static_cast<std::size_t>(axis.taps);
  entries_.clear();
  weights_.clear();
  for (std::size_t y = 0; y < axis.first.size(); ++y) {
    int taps = 1;
    for (std::size_t t = 0; t < stride_; ++t) {
      const long weight = std::min(std::lround(axis.weights[y * stride_ + t] * 32768.0f), 32767L);
      weights_.push_back(static_cast<std::int16_t>(weight));
      if (weight != 0) taps = static_cast<int>(t) + 1;
    }
    entries_.push_back({axis.first[y], taps});
  }
  equal_taps_ = entries_[0].taps;
  for (std::size_t y = 0; y < entries_.size(); ++y) {
    const std::int16_t* weights = weights_.data() + y * stride_;
    const int taps = entries_[y].taps;
    const bool equal = std::all_of(weights, weights + taps, [=](int w) { return w == weights[0]; });
    if (!equal || taps != equal_taps_) equal_taps_ = 0;
  }
}

RowTable::Row RowTable::row(int y) const {
  const std::size_t index = static_cast<std::size_t>(y);
  return {entries_[index].first, entries_[index].taps, weights_.data() + index * stride_};
}

void ColumnTable::compute(const AxisTaps& axis) {
  const int width = static_cast<int>(axis.first.size());
  const int even_taps = axis.taps + axis.taps % 2;
  const int stride = (width + kPlanePadding - 1) / kPlanePadding * kPlanePadding;
  first.assign(static_cast<std::size_t>(stride), axis.first.back());
  std::copy(axis.first.begin(), axis.first.end(), first.begin());
  weights.assign(static_cast<std::size_t>(even_taps) * static_cast<std::size_t>(stride), 0);
  for (int x = 0; x < width; ++x) {
    const float* all = axis.weights.data() + static_cast<std::ptrdiff_t>(x) * axis.taps;
    const auto at = [&](int t) -> std::int16_t& {
      return weights[static_cast<std::size_t>((t / 2) * 2 * stride + 2 * x + t % 2)];
    };
    int rest = 1 << 14;
    int heaviest = 0;
    for (int t = 0; t < axis.taps; ++t) {
      const int weight = static_cast<int>(std::lround(all[t] * 16384.0f));
      at(t) = static_cast<std::int16_t>(weight);
      rest -= weight;
      if (all[t] > all[heaviest]) heaviest = t;
    }
    at(heaviest) = static_cast<std::int16_t>(at(heaviest) + rest);
  }
  view = {first.data(), weights.data(), even_taps, stride};
}

}  // namespace rostro
