#include "detect/sorted_boxes.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "support/message.hpp"

namespace rostro {

std::uint64_t rank_key(float score, std::uint32_t index) {
  const float plain = score + 0.0f;  // -0 becomes 0
  std::uint32_t bits;
  std::memcpy(&bits, &plain, sizeof bits);
  // The bits of floats rise with them from 0 on, and fall below it.
  const std::uint32_t rising = (bits >> 31) != 0 ? ~bits : bits | 0x80000000u;
  return static_cast<std::uint64_t>(~rising) << 32 | index;
}

void SortedBoxes::assign(const float* boxes, const float* scores, std::size_t n) {
  keys_.clear();
  for (std::uint32_t i = 0; i < n; ++i) {
    if (!std::isnan(scores[i])) keys_.push_back(rank_key(scores[i], i));
  }
  // What comes from decode is in order already.
  if (!std::is_sorted(keys_.begin(), keys_.end())) std::sort(keys_.begin(), keys_.end());

  arrays_.resize(5 * size());
  for (std::size_t i = 0; i < size(); ++i) {
    const float* box = boxes + 4 * static_cast<std::size_t>(index(i));
    for (std::size_t side = 0; side < 4; ++side) array(side)[i] = box[side];
    array(4)[i] = std::max(box[2] - box[0], 0.0f) * std::max(box[3] - box[1], 0.0f);
  }
  iou_.resize(size());
  found_.resize(size() + kSelectPadding);
}

BoxArrays SortedBoxes::arrays() const {
  const float* x1 = arrays_.data();
  const std::size_t n = size();
  return {x1, x1 + n, x1 + 2 * n, x1 + 3 * n, x1 + 4 * n};
}

const float* SortedBoxes::iou_row(const KernelTable& kernel, std::size_t rank, std::size_t begin,
                                  std::size_t end) {
  kernel.iou_row(arrays(), rank, begin, end, iou_.data());
  return iou_.data();
}

SortedBoxes::Ranks SortedBoxes::overlapping(const KernelTable& kernel, std::size_t rank,
                                            std::size_t begin, float iou_threshold) {
  const float* iou = iou_row(kernel, rank, begin, size());
  // The kernel selects what reaches its threshold; wanted is what is above ours.
  const float above = std::nextafter(iou_threshold, 2.0f);
  const std::size_t count = kernel.select_scores(iou + begin, size() - begin, above, found_.data());
  return {found_.data(), count, begin};
}

void SortedBoxes::swap(std::size_t a, std::size_t b) {
  std::swap(keys_[a], keys_[b]);
  for (std::size_t which = 0; which < 5; ++which) std::swap(array(which)[a], array(which)[b]);
}

void check_iou_threshold(float iou_threshold) {
  if (iou_threshold >= 0.0f && iou_threshold <= 1.0f) return;
  throw wrong("iou_threshold", iou_threshold, "a number from 0 to 1 is wanted");
}

}  // namespace rostro
