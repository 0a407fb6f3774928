#include "resample_taps.hpp"

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

void RowTaps::compute(const AxisTaps& axis, int y) {
  const std::size_t row = static_cast<std::size_t>(y);
  const std::size_t taps = static_cast<std::size_t>(axis.taps);
  const float* all = axis.weights.data() + row * taps;
  first = axis.first[row];
  weights.clear();
  for (std::size_t t = 0; t < taps; ++t) {
    const long weight = std::min(std::lround(all[t] * 32768.0f), 32767L);
    weights.push_back(static_cast<std::int16_t>(weight));
  }
  while (weights.size() > 1 && weights.back() == 0) weights.pop_back();
}

void ColumnTable::compute(const AxisTaps& axis) {
  const int width = static_cast<int>(axis.first.size());
  const int even_taps = axis.taps + axis.taps % 2;
  const int stride = (width + kPlanePadding - 1) / kPlanePadding * kPlanePadding;
  first.assign(static_cast<std::size_t>(stride), 0);
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
