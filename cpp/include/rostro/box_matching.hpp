#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace rostro {

/// Detections of one image: n boxes (n x 4: x, y, width, height) and their scores, in any order.
struct ScoredBoxes {
  const double* boxes;
  const double* scores;  ///< in 0..1 over the whole set of images
  std::size_t n;
};

/// Labelled faces of one image (n x 4: x, y, width, height) and which of them count; the others
/// are to be ignored: neither finding nor missing one changes a result.
struct LabelledFaces {
  const double* boxes;
  const bool* counted;
  std::size_t n;
};

/// What one image adds to a precision-recall curve, at each of its score thresholds.
struct MatchCounts {
  std::vector<std::int64_t> detections;  ///< that count: all but those of ignored faces
  std::vector<std::int64_t> found;       ///< counted faces that have a detection
};

/// Match the detections of one image with its faces as the WIDER FACE evaluation does, at the score
/// thresholds 1 - 1/thresholds, 1 - 2/thresholds, ..., 0.
///
/// Every detection belongs to the one face that it overlaps most (ties: the first), if their
/// intersection over union, of boxes whose sides are one pixel longer, reaches `iou_threshold`. A
/// face is found by the first detection that belongs to it; a second one counts as a false alarm.
/// An image without labelled faces adds nothing at all, whatever is detected on it.
///
/// Thread-safe. Throws InvalidArgument for scores that are not finite and thresholds out of range.
MatchCounts count_matches(const ScoredBoxes& detections, const LabelledFaces& faces,
                          double iou_threshold, std::size_t thresholds);

}  // namespace rostro
