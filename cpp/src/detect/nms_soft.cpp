#include <cmath>

#include "detect/sorted_boxes.hpp"
#include "rostro/nms.hpp"
#include "simd/dispatch.hpp"
#include "support/message.hpp"

namespace rostro {

namespace {

void check_at_least_zero(const char* name, float value) {
  if (value >= 0.0f && std::isfinite(value)) return;
  throw wrong(name, value, "a finite number of at least 0 is wanted");
}

/// What is left of the score of a box after a better one that it overlaps has been taken.
float decayed(const SoftDecay& decay, float score, float iou) {
  if (decay.kind == SoftDecay::Kind::linear) {
    return iou > decay.iou_threshold ? score * (1.0f - iou) : score;
  }
  return iou > 0.0f ? score * std::exp(-(iou * iou) / decay.sigma) : score;
}

}  // namespace

std::vector<std::int64_t> nms_soft(const float* boxes, const float* scores, std::size_t n,
                                   const SoftDecay& decay, std::size_t top_k) {
  check_iou_threshold(decay.iou_threshold);
  check_at_least_zero("score_threshold", decay.score_threshold);
  check_at_least_zero("sigma", decay.sigma);
  if (decay.sigma == 0.0f) throw wrong("sigma", decay.sigma, "a number above 0 is wanted");
  thread_local SortedBoxes boxes_left;
  thread_local std::vector<float> scores_left;
  boxes_left.assign(boxes, scores, n);
  const KernelTable& kernel = kernels();
  scores_left.resize(boxes_left.size());
  std::size_t left = 0;  // boxes [taken, left) are still to be taken
  for (; left < boxes_left.size(); ++left) {
    scores_left[left] = scores[boxes_left.index(left)];
    if (!(scores_left[left] >= decay.score_threshold)) break;
  }
  std::vector<std::int64_t> kept;
  for (std::size_t taken = 0; taken < left && kept.size() < top_k; ++taken) {
    const auto swap = [&](std::size_t a, std::size_t b) {
      boxes_left.swap(a, b);
      std::swap(scores_left[a], scores_left[b]);
    };
    const auto better = [&](std::size_t a, std::size_t b) {
      if (scores_left[a] != scores_left[b]) return scores_left[a] > scores_left[b];
      return boxes_left.index(a) < boxes_left.index(b);
    };
    std::size_t best = taken;
    for (std::size_t i = taken + 1; i < left; ++i) {
      if (better(i, best)) best = i;
    }
    swap(taken, best);
    kept.push_back(boxes_left.index(taken));
    const float* iou = boxes_left.iou_row(kernel, taken, taken + 1, left);
    for (std::size_t i = taken + 1; i < left; ++i) {
      scores_left[i] = decayed(decay, scores_left[i], iou[i]);
    }
    for (std::size_t i = taken + 1; i < left;) {
      scores_left[i] >= decay.score_threshold ? static_cast<void>(++i) : swap(i, --left);
    }
  }
  return kept;
}

}  // namespace rostro
