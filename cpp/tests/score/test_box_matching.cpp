#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "rostro/box_matching.hpp"
#include "rostro/error.hpp"

using namespace rostro;
using Counts = std::vector<std::int64_t>;

namespace {

/// The protocol's own way: the state after every detection, then a look-up a threshold.
MatchCounts plain_counts(const std::vector<double>& boxes, const std::vector<double>& scores,
                         const std::vector<double>& faces, const bool* counted,
                         double iou_threshold, std::size_t thresholds) {
  const std::size_t n = scores.size(), m = faces.size() / 4;
  Counts proposals, recalled;
  std::vector<int> state(m);
  std::int64_t proposed = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double* a = &boxes[4 * i];
    double best = -1;
    std::size_t at = 0;
    for (std::size_t j = 0; j < m; ++j) {
      const double* b = &faces[4 * j];
      const double w = std::min(a[0] + a[2], b[0] + b[2]) - std::max(a[0], b[0]) + 1;
      const double h = std::min(a[1] + a[3], b[1] + b[3]) - std::max(a[1], b[1]) + 1;
      const double shared = std::max(w, 0.0) * std::max(h, 0.0);
      const double all = (a[2] + 1) * (a[3] + 1) + (b[2] + 1) * (b[3] + 1) - shared;
      if (shared / all > best) {
        best = shared / all;
        at = j;
      }
    }
    const bool matched = best >= iou_threshold;
    if (matched && counted[at]) state[at] = 1;
    if (!matched || counted[at]) ++proposed;
    proposals.push_back(proposed);
    recalled.push_back(std::count(state.begin(), state.end(), 1));
  }
  MatchCounts counts{Counts(thresholds), Counts(thresholds)};
  for (std::size_t t = 0; t < thresholds; ++t) {
    const double threshold = 1.0 - static_cast<double>(t + 1) / static_cast<double>(thresholds);
    for (std::size_t i = 0; i < n; ++i) {
      if (scores[i] >= threshold) {
        counts.detections[t] = proposals[i];
        counts.found[t] = recalled[i];
      }
    }
  }
  return counts;
}

MatchCounts counts_of(const std::vector<double>& boxes, const std::vector<double>& scores,
                      const std::vector<double>& faces, const bool* counted,
                      std::size_t thresholds) {
  return count_matches({boxes.data(), scores.data(), scores.size()},
                       {faces.data(), counted, faces.size() / 4}, 0.5, thresholds);
}

}  // namespace

TEST_CASE("evaluate: random boxes count as in the protocol's own loops") {
  std::mt19937 random(7);
  std::uniform_int_distribution<int> place(0, 25), side(4, 12), score(0, 1000), coin(0, 2);
  for (const std::size_t n : {0u, 1u, 5u, 40u, 200u}) {
    std::vector<double> boxes, faces, scores;
    const auto add_box = [&](std::vector<double>& to) {
      for (const int value : {place(random), place(random), side(random), side(random)})
        to.push_back(value);
    };
    bool counted[20];
    for (bool& one : counted) {
      add_box(faces);
      one = coin(random) > 0;
    }
    for (std::size_t i = 0; i < n; ++i) {
      add_box(boxes);
      scores.push_back(score(random) / 1000.0);
    }
    std::sort(scores.rbegin(), scores.rend());
    CAPTURE(n);
    const MatchCounts got = counts_of(boxes, scores, faces, counted, 100);
    const MatchCounts wanted = plain_counts(boxes, scores, faces, counted, 0.5, 100);
    CHECK(got.detections == wanted.detections);
    CHECK(got.found == wanted.found);
  }
}

TEST_CASE("evaluate: found, found twice, ignored and false, in any order") {
  const std::vector<double> faces = {0, 0, 9, 9, 50, 0, 9, 9};
  const bool counted[] = {true, false};
  const std::vector<double> boxes = {80, 80, 9, 9, 0, 0, 9, 8, 50, 0, 9, 9, 0, 0, 9, 9};
  const std::vector<double> scores = {0.1, 0.5, 0.6, 0.8};
  const MatchCounts counts = counts_of(boxes, scores, faces, counted, 4);  // 0.75, 0.5, 0.25, 0
  CHECK(counts.detections == Counts{1, 2, 2, 3});
  CHECK(counts.found == Counts{1, 1, 1, 1});
}

TEST_CASE("evaluate: the overlap is that of boxes one pixel longer, and its threshold is in") {
  const std::vector<double> faces = {0, 0, 9, 9};  // 10 x 10 pixels
  const bool counted[] = {true};
  const auto found = [&](double height) {
    return counts_of({0, 0, 9, height}, {1.0}, faces, counted, 1).found[0];
  };
  CHECK(found(4) == 1);  // 10 x 5 of 10 x 10
  CHECK(found(3.99) == 0);
}

TEST_CASE("evaluate: nothing detected, nothing labelled, nonsense") {
  const std::vector<double> box = {0, 0, 9, 9};
  const bool counted[] = {true};
  CHECK(counts_of({}, {}, box, counted, 2).detections == Counts{0, 0});
  CHECK(counts_of(box, {1.0}, {}, counted, 2).detections == Counts{0, 0});
  CHECK_THROWS_AS(counts_of(box, {NAN}, box, counted, 2), InvalidArgument);
  CHECK_THROWS_AS(count_matches({}, {}, 0.0, 2), InvalidArgument);
}
