#include "rostro/nms.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "dispatch.hpp"
#include "rostro/error.hpp"

namespace rostro {

namespace {

/// The boxes in order of falling score, as a structure of arrays, and what a thread keeps of it.
struct Workspace {
  std::vector<std::uint32_t> order;
  std::vector<float> arrays;  ///< x1, y1, x2, y2, area, iou: one array after the other
  std::vector<std::uint8_t> suppressed;

  void sort(const float* scores, std::size_t n) {
    order.clear();
    for (std::uint32_t i = 0; i < n; ++i) {
      if (!std::isnan(scores[i])) order.push_back(i);
    }
    std::sort(order.begin(), order.end(), [scores](std::uint32_t a, std::uint32_t b) {
      return scores[a] != scores[b] ? scores[a] > scores[b] : a < b;
    });
  }

  BoxArrays gather(const float* boxes) {
    const std::size_t n = order.size();
    arrays.resize(6 * n);
    float* x1 = arrays.data();
    float *y1 = x1 + n, *x2 = y1 + n, *y2 = x2 + n, *area = y2 + n;
    for (std::size_t i = 0; i < n; ++i) {
      const float* box = boxes + 4 * static_cast<std::size_t>(order[i]);
      x1[i] = box[0];
      y1[i] = box[1];
      x2[i] = box[2];
      y2[i] = box[3];
      area[i] = std::max(box[2] - box[0], 0.0f) * std::max(box[3] - box[1], 0.0f);
    }
    return {x1, y1, x2, y2, area};
  }

  float* iou() { return arrays.data() + 5 * order.size(); }
};

}  // namespace

std::vector<std::int64_t> nms_hard(const float* boxes, const float* scores, std::size_t n,
                                   float iou_threshold, std::size_t top_k) {
  if (!(iou_threshold >= 0.0f && iou_threshold <= 1.0f)) {
    throw InvalidArgument("iou_threshold: " + std::to_string(iou_threshold) +
                          "; a number from 0 to 1 is wanted");
  }
  thread_local Workspace work;
  work.sort(scores, n);
  const BoxArrays arrays = work.gather(boxes);
  const std::size_t count = work.order.size();
  work.suppressed.assign(count, 0);
  float* iou = work.iou();
  const KernelTable& kernel = kernels();
  std::vector<std::int64_t> kept;
  for (std::size_t i = 0; i < count && kept.size() < top_k; ++i) {
    if (work.suppressed[i] != 0) continue;
    kept.push_back(work.order[i]);
    kernel.iou_row(arrays, i, i + 1, count, iou);
    for (std::size_t j = i + 1; j < count; ++j) {
      if (iou[j] > iou_threshold) work.suppressed[j] = 1;
    }
  }
  return kept;
}

}  // namespace rostro
