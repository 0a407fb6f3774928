#include <cstdint>

#include "detect/sorted_boxes.hpp"
#include "rostro/error.hpp"
#include "rostro/nms.hpp"
#include "simd/dispatch.hpp"

namespace rostro {

namespace {

/// The mean of rows of numbers, each with its weight.
class WeightedMean {
 public:
  void start(std::size_t columns) {
    sums_.assign(columns, 0.0);
    total_ = 0.0;
  }

  void add(const float* row, float weight) {
    const double w = static_cast<double>(weight);
    for (std::size_t i = 0; i < sums_.size(); ++i) sums_[i] += w * static_cast<double>(row[i]);
    total_ += w;
  }

  /// Appends the mean to `to`; `otherwise` where the weights sum to nothing.
  void append(const float* otherwise, std::vector<float>& to) const {
    for (std::size_t i = 0; i < sums_.size(); ++i) {
      to.push_back(total_ > 0.0 ? static_cast<float>(sums_[i] / total_) : otherwise[i]);
    }
  }

 private:
  std::vector<double> sums_;
  double total_ = 0.0;
};

}  // namespace

Detections nms_weighted(const Detections& found, float iou_threshold, std::size_t top_k) {
  check_iou_threshold(iou_threshold);
  const std::size_t n = found.size();
  const std::size_t points = 2 * kLandmarks;
  const bool with_landmarks = !found.landmarks.empty();
  if (found.boxes.size() != 4 * n || (with_landmarks && found.landmarks.size() != points * n)) {
    throw InvalidArgument("found: boxes, scores and landmarks are not of the same faces");
  }
  thread_local SortedBoxes sorted;
  thread_local std::vector<std::uint8_t> taken;
  sorted.assign(found.boxes.data(), found.scores.data(), n);
  taken.assign(sorted.size(), 0);
  const KernelTable& kernel = kernels();
  WeightedMean box, landmarks;
  Detections merged;
  for (std::size_t i = 0; i < sorted.size() && merged.size() < top_k; ++i) {
    if (taken[i] != 0) continue;
    box.start(4);
    landmarks.start(with_landmarks ? points : 0);
    const auto add = [&](std::size_t rank) {
      const std::size_t face = sorted.index(rank);
      box.add(&found.boxes[4 * face], found.scores[face]);
      if (with_landmarks) landmarks.add(&found.landmarks[points * face], found.scores[face]);
    };
    add(i);
    const auto covered = sorted.overlapping(kernel, i, i + 1, iou_threshold);
    for (std::size_t j = 0; j < covered.count; ++j) {
      const std::size_t rank = covered.begin + covered.data[j];
      if (taken[rank] == 0) add(rank);
      taken[rank] = 1;
    }
    const std::size_t leader = sorted.index(i);
    merged.scores.push_back(found.scores[leader]);
    box.append(&found.boxes[4 * leader], merged.boxes);
    if (with_landmarks) landmarks.append(&found.landmarks[points * leader], merged.landmarks);
  }
  return merged;
}

}  // namespace rostro
