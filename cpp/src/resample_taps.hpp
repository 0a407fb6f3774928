#pragma once

#include <cstdint>
#include <vector>

#include "kernels/kernels.hpp"

namespace rostro {

/// How the pixels of one axis make those of a shorter or longer one. The convention is that of
/// rostro/letterbox.hpp.
struct AxisTaps {
  int taps = 0;                     ///< source pixels an output pixel, the largest number
  std::vector<std::int32_t> first;  ///< the first of them, one an output pixel
  std::vector<float> weights;       ///< `taps` an output pixel, summing to 1; unused ones are 0

  void compute(int source, int target);
};

/// An axis as the vertical kernel takes it: weights in 1/32768.
struct RowTaps {
  int first = 0;
  std::vector<std::int16_t> weights;

  /// Output pixel `y` of `axis`, without the taps that weigh nothing.
  void compute(const AxisTaps& axis, int y);
};

/// An axis as the horizontal kernel takes it.
struct ColumnTable {
  std::vector<std::int32_t> first;
  std::vector<std::int16_t> weights;
  ColumnTaps view{};

  void compute(const AxisTaps& axis);
};

}  // namespace rostro
