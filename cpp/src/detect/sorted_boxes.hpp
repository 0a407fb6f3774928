#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/kernels.hpp"

namespace rostro {

/// A number that is lower for a better score and, where scores are equal, for a lower index. Scores
/// must not be NaN; -0 counts as 0.
std::uint64_t rank_key(float score, std::uint32_t index);

/// The index that a key was made of.
constexpr std::uint32_t ranked_index(std::uint64_t key) { return static_cast<std::uint32_t>(key); }

/// Boxes in order of falling score, ties by index, as a structure of arrays; without those whose
/// score is NaN. Kept from call to call, so that its memory is.
class SortedBoxes {
 public:
  /// `boxes`: n x 4, x1, y1, x2, y2.
  void assign(const float* boxes, const float* scores, std::size_t n);

  std::size_t size() const { return keys_.size(); }

  /// The index among the given boxes of the box of this rank.
  std::uint32_t index(std::size_t rank) const { return ranked_index(keys_[rank]); }

  BoxArrays arrays() const;

  /// Intersection over union of box `rank` with boxes [begin, end); entry j belongs to box j.
  const float* iou_row(const KernelTable& kernel, std::size_t rank, std::size_t begin,
                       std::size_t end);

  /// The ranks from `begin` on of the boxes whose intersection over union with box `rank` is above
  /// the threshold.
  struct Ranks {
    const std::uint32_t* data;
    std::size_t count;
    std::size_t begin;  ///< to be added to each
  };
  Ranks overlapping(const KernelTable& kernel, std::size_t rank, std::size_t begin,
                    float iou_threshold);

  /// Exchanges two boxes, for those who keep an order of their own.
  void swap(std::size_t a, std::size_t b);

 private:
  float* array(std::size_t which) { return arrays_.data() + which * keys_.size(); }

  std::vector<std::uint64_t> keys_;
  std::vector<float> arrays_;  ///< x1, y1, x2, y2, area: one array after the other
  std::vector<float> iou_;
  std::vector<std::uint32_t> found_;
};

/// Throws InvalidArgument unless 0 <= iou_threshold <= 1.
void check_iou_threshold(float iou_threshold);

}  // namespace rostro
