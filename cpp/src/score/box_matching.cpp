#include "rostro/box_matching.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "rostro/error.hpp"
#include "support/message.hpp"

namespace rostro {

namespace {

/// The indices of the detections, best first; ties keep their order.
std::vector<std::size_t> falling(const ScoredBoxes& detections) {
  std::vector<std::size_t> order(detections.n);
  for (std::size_t i = 0; i < detections.n; ++i) {
    if (!std::isfinite(detections.scores[i])) {
      throw wrong(entry("scores", i), detections.scores[i], "a score of 0..1 is wanted");
    }
    order[i] = i;
  }
  const double* scores = detections.scores;
  std::sort(order.begin(), order.end(), [scores](std::size_t a, std::size_t b) {
    return scores[a] != scores[b] ? scores[a] > scores[b] : a < b;
  });
  return order;
}

/// Boxes as corners and areas: the far corner is the last pixel inside, hence each + 1.
struct Corners {
  double x1, y1, x2, y2, area;

  explicit Corners(const double* box)
      : x1(box[0]),
        y1(box[1]),
        x2(box[0] + box[2]),
        y2(box[1] + box[3]),
        area((x2 - x1 + 1) * (y2 - y1 + 1)) {}
};

double iou(const Corners& a, const Corners& b) {
  const double width = std::min(a.x2, b.x2) - std::max(a.x1, b.x1) + 1;
  const double height = std::min(a.y2, b.y2) - std::max(a.y1, b.y1) + 1;
  if (width <= 0 || height <= 0) return 0;
  const double shared = width * height;
  return shared / (a.area + b.area - shared);
}

/// The face that a box overlaps most, if by this much; `faces.size()` for none.
std::size_t face_of(const Corners& box, const std::vector<Corners>& faces, double iou_threshold) {
  std::size_t best = faces.size();
  double best_iou = 0;
  for (std::size_t i = 0; i < faces.size(); ++i) {
    const double overlap = iou(box, faces[i]);
    if (overlap > best_iou) {
      best_iou = overlap;
      best = i;
    }
  }
  return best_iou >= iou_threshold ? best : faces.size();
}

}  // namespace

MatchCounts count_matches(const ScoredBoxes& detections, const LabelledFaces& faces,
                          double iou_threshold, std::size_t thresholds) {
  if (!(iou_threshold > 0.0 && iou_threshold <= 1.0)) {
    throw wrong("iou_threshold", iou_threshold, "a number above 0 and up to 1 is wanted");
  }
  const std::vector<std::size_t> order = falling(detections);
  MatchCounts counts{std::vector<std::int64_t>(thresholds), std::vector<std::int64_t>(thresholds)};
  if (faces.n == 0) return counts;

  std::vector<Corners> corners;
  corners.reserve(faces.n);
  for (std::size_t i = 0; i < faces.n; ++i) corners.emplace_back(faces.boxes + 4 * i);
  std::vector<bool> taken(faces.n);
  std::int64_t counted_detections = 0, found = 0;
  std::size_t next = 0;
  for (std::size_t t = 0; t < thresholds; ++t) {
    const double threshold = 1.0 - static_cast<double>(t + 1) / static_cast<double>(thresholds);
    for (; next < order.size() && detections.scores[order[next]] >= threshold; ++next) {
      const Corners box(detections.boxes + 4 * order[next]);
      const std::size_t face = face_of(box, corners, iou_threshold);
      if (face < faces.n && !faces.counted[face]) continue;
      ++counted_detections;
      if (face < faces.n && !taken[face]) {
        taken[face] = true;
        ++found;
      }
    }
    counts.detections[t] = counted_detections;
    counts.found[t] = found;
  }
  return counts;
}

}  // namespace rostro
