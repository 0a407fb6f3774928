#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "kernels/rig.hpp"
#include "rostro/error.hpp"
#include "rostro/nms.hpp"

using namespace rostro;
using Indices = std::vector<std::int64_t>;

namespace {

double iou_of(const float* a, const float* b) {
  const auto side = [&](int low, int high) {
    return std::max(static_cast<double>(std::min(a[high], b[high]) - std::max(a[low], b[low])),
                    0.0);
  };
  const auto area = [](const float* box) {
    return static_cast<double>(box[2] - box[0]) * static_cast<double>(box[3] - box[1]);
  };
  const double inter = side(0, 2) * side(1, 3);
  return inter / (area(a) + area(b) - inter);
}

/// The paper's loop, in double: take the best that is left, lower the scores of what it overlaps.
Indices plain_soft_nms(const std::vector<float>& boxes, std::vector<double> scores,
                       const SoftDecay& decay) {
  Indices kept;
  for (;;) {
    const auto best = std::max_element(scores.begin(), scores.end());
    if (best == scores.end() || *best < static_cast<double>(decay.score_threshold)) return kept;
    const auto taken = static_cast<std::size_t>(best - scores.begin());
    kept.push_back(static_cast<std::int64_t>(taken));
    for (std::size_t i = 0; i < scores.size(); ++i) {
      const double iou = iou_of(&boxes[4 * taken], &boxes[4 * i]);
      if (decay.kind == SoftDecay::Kind::gaussian) {
        scores[i] *= std::exp(-iou * iou / static_cast<double>(decay.sigma));
      } else if (iou > static_cast<double>(decay.iou_threshold)) {
        scores[i] *= 1 - iou;
      }
    }
    scores[taken] = -1;
  }
}

}  // namespace

TEST_CASE("nms_soft: random boxes give what the paper's loop gives") {
  rig::use_each_level([](std::mt19937&) {
    std::mt19937 random(11);
    std::uniform_real_distribution<float> place(0, 60), side(5, 40), score(0.05f, 1);
    for (const std::size_t n : {0u, 1u, 2u, 7u, 16u, 33u, 200u}) {
      std::vector<float> boxes, scores;
      for (std::size_t i = 0; i < n; ++i) {
        const float x = place(random), y = place(random);
        boxes.insert(boxes.end(), {x, y, x + side(random), y + side(random)});
        scores.push_back(score(random));
      }
      for (const auto kind : {SoftDecay::Kind::linear, SoftDecay::Kind::gaussian}) {
        const SoftDecay decay{kind, 0.3f, 0.5f, 0.1f};
        CAPTURE(n);
        CHECK(nms_soft(boxes.data(), scores.data(), n, decay, n) ==
              plain_soft_nms(boxes, {scores.begin(), scores.end()}, decay));
      }
    }
  });
}

TEST_CASE("nms_soft: what overlaps comes later, or not at all, and top_k cuts") {
  // The second lies over the first with an intersection over union of 0.6, the third apart.
  const float boxes[] = {0, 0, 10, 10, 0, 0, 10, 6, 50, 50, 60, 60};
  const float scores[] = {0.9f, 0.8f, 0.5f};
  SoftDecay decay;
  CHECK(nms_soft(boxes, scores, 3, decay, 3) == Indices{0, 2, 1});  // 0.8 * (1 - 0.6) is below 0.5
  CHECK(nms_soft(boxes, scores, 3, decay, 2) == Indices{0, 2});
  decay.score_threshold = 0.4f;
  CHECK(nms_soft(boxes, scores, 3, decay, 3) == Indices{0, 2});
  decay.iou_threshold = 0.7f;
  CHECK(nms_soft(boxes, scores, 3, decay, 3) == Indices{0, 1, 2});
}

TEST_CASE("nms_soft: ties, NaN, and what is refused") {
  const float boxes[] = {0, 0, 4, 4, 20, 0, 24, 4, 40, 0, 44, 4};
  const float scores[] = {0.5f, NAN, 0.5f};
  CHECK(nms_soft(boxes, scores, 3, {}, 3) == Indices{0, 2});
  const auto refuses = [&](SoftDecay decay, const char* name) {
    CHECK_THROWS_WITH_AS(nms_soft(boxes, scores, 3, decay, 3), doctest::Contains(name),
                         InvalidArgument);
  };
  const auto linear = SoftDecay::Kind::linear;
  refuses({linear, 1.5f, 0.5f, 0.1f}, "iou_threshold");
  refuses({linear, 0.3f, 0.0f, 0.1f}, "sigma");
  refuses({linear, 0.3f, NAN, 0.1f}, "sigma");
  refuses({linear, 0.3f, 0.5f, -0.1f}, "score_threshold");
}
