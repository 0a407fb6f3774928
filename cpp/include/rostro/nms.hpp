#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace rostro {

/// Non-maximum suppression: the indices of the boxes (n x 4: x1, y1, x2, y2) that are kept, best
/// first (ties: lower index first), at most `top_k`. A box goes when its intersection over union
/// with a better, kept one is above `iou_threshold`. Boxes of no area overlap nothing; entries
/// whose score is NaN are dropped.
///
/// Thread-safe.
std::vector<std::int64_t> nms_hard(const float* boxes, const float* scores, std::size_t n,
                                   float iou_threshold, std::size_t top_k);

}  // namespace rostro
