#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "rostro/error.hpp"
#include "rostro/nms.hpp"

using namespace rostro;
using Indices = std::vector<std::int64_t>;

namespace {

/// The textbook's way: take the best that is left, drop what overlaps it.
Indices plain_nms(const std::vector<float>& boxes, const std::vector<float>& scores,
                  double threshold) {
  std::vector<bool> gone(scores.size());
  Indices kept;
  for (;;) {
    int best = -1;
    for (std::size_t i = 0; i < scores.size(); ++i) {
      if (!gone[i] && (best < 0 || scores[i] > scores[static_cast<std::size_t>(best)])) {
        best = static_cast<int>(i);
      }
    }
    if (best < 0) return kept;
    kept.push_back(best);
    const float* a = &boxes[4 * static_cast<std::size_t>(best)];
    for (std::size_t i = 0; i < scores.size(); ++i) {
      const float* b = &boxes[4 * i];
      const double w = std::min(a[2], b[2]) - std::max(a[0], b[0]);
      const double h = std::min(a[3], b[3]) - std::max(a[1], b[1]);
      const double inter = std::max(w, 0.0) * std::max(h, 0.0);
      const double area_a = (a[2] - a[0]) * (a[3] - a[1]), area_b = (b[2] - b[0]) * (b[3] - b[1]);
      if (static_cast<int>(i) == best || inter > threshold * (area_a + area_b - inter))
        gone[i] = true;
    }
  }
}

}  // namespace

TEST_CASE("nms: random boxes give what the textbook's loop gives") {
  std::mt19937 random(7);
  std::uniform_int_distribution<int> place(0, 60), side(5, 40), score(0, 20);
  for (const std::size_t n : {0u, 1u, 2u, 7u, 16u, 33u, 200u}) {
    std::vector<float> boxes, scores;
    for (std::size_t i = 0; i < n; ++i) {
      const float x = static_cast<float>(place(random)), y = static_cast<float>(place(random));
      boxes.insert(boxes.end(), {x, y, x + static_cast<float>(side(random)),
                                 y + static_cast<float>(side(random))});
      scores.push_back(static_cast<float>(score(random)) / 20);  // many ties
    }
    CAPTURE(n);
    CHECK(nms_hard(boxes.data(), scores.data(), n, 0.37f, n) == plain_nms(boxes, scores, 0.37));
  }
}

TEST_CASE("nms: equal boxes, boxes without area, NaN, and top_k") {
  const float boxes[] = {0, 0, 4, 4, 0, 0, 4, 4, 9, 9, 9, 9, 9, 9, 9, 9, 5, 5, 1, 1};
  const float scores[] = {0.5f, 0.5f, 0.9f, 0.8f, NAN};
  CHECK(nms_hard(boxes, scores, 5, 0.3f, 5) == Indices{2, 3, 0});
  CHECK(nms_hard(boxes, scores, 5, 0.3f, 2) == Indices{2, 3});
  CHECK(nms_hard(boxes, scores, 5, 1.0f, 5) == Indices{2, 3, 0, 1});
  CHECK_THROWS_AS(nms_hard(boxes, scores, 5, NAN, 5), InvalidArgument);
}
