#pragma once

#include <cstdint>
#include <vector>

#include "kernels/kernels.hpp"
#include "support/aligned_vector.hpp"

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
class RowTable {
 public:
  /// The rows that make one output row, without those that weigh nothing.
  struct Row {
    int first;
    int taps;
    const std::int16_t* weights;
  };

  void compute(const AxisTaps& axis);
  Row row(int y) const;

  /// How many rows make each output row where all of them weigh the same; 0 where they do not.
  int equal_taps() const { return equal_taps_; }

 private:
  struct Entry {
    int first;
    int taps;
  };
  std::vector<Entry> entries_;
  std::vector<std::int16_t> weights_;
  std::size_t stride_ = 0;
  int equal_taps_ = 0;
};

/// An axis as the horizontal kernel takes it.
struct ColumnTable {
  AlignedVector<std::int32_t> first;
  AlignedVector<std::int16_t> weights;
  ColumnTaps view{};

  void compute(const AxisTaps& axis);
};

}  // namespace rostro
