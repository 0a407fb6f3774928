#include "rostro/nms.hpp"

#include "detect/sorted_boxes.hpp"
#include "simd/dispatch.hpp"

namespace rostro {

void nms_hard(const float* boxes, const float* scores, std::size_t n, float iou_threshold,
              std::size_t top_k, std::vector<std::int64_t>& kept) {
  check_iou_threshold(iou_threshold);
  thread_local SortedBoxes sorted;
  thread_local std::vector<std::uint8_t> suppressed;
  sorted.assign(boxes, scores, n);
  suppressed.assign(sorted.size(), 0);
  const KernelTable& kernel = kernels();
  kept.clear();
  for (std::size_t i = 0; i < sorted.size() && kept.size() < top_k; ++i) {
    if (suppressed[i] != 0) continue;
    kept.push_back(sorted.index(i));
    kernel.suppress_row(sorted.arrays(), i, i + 1, sorted.size(), iou_threshold, suppressed.data());
  }
}

std::vector<std::int64_t> nms_hard(const float* boxes, const float* scores, std::size_t n,
                                   float iou_threshold, std::size_t top_k) {
  std::vector<std::int64_t> kept;
  nms_hard(boxes, scores, n, iou_threshold, top_k, kept);
  return kept;
}

}  // namespace rostro
