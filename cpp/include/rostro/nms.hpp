#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "rostro/faces.hpp"

namespace rostro {

/// Non-maximum suppression: the indices of the boxes (n x 4: x1, y1, x2, y2) that are kept, best
/// first (ties: lower index first), at most `top_k`. A box goes when its intersection over union
/// with a better, kept one is above `iou_threshold`. Boxes of no area overlap nothing; entries
/// whose score is NaN are dropped.
///
/// Thread-safe.
std::vector<std::int64_t> nms_hard(const float* boxes, const float* scores, std::size_t n,
                                   float iou_threshold, std::size_t top_k);

/// The same into a vector that is kept from call to call, which then allocates nothing.
void nms_hard(const float* boxes, const float* scores, std::size_t n, float iou_threshold,
              std::size_t top_k, std::vector<std::int64_t>& kept);

/// How nms_soft lowers the score of a box whose intersection over union with a better one is `iou`.
struct SoftDecay {
  enum class Kind {
    linear,    ///< times 1 - iou where iou is above `iou_threshold`
    gaussian,  ///< times exp(-iou^2 / sigma)
  };
  Kind kind = Kind::linear;
  float iou_threshold = 0.3f;      ///< of the linear decay
  float sigma = 0.5f;              ///< of the gaussian decay
  float score_threshold = 0.001f;  ///< a box whose score falls below it is dropped
};

/// Soft non-maximum suppression (Bodla et al., "Soft-NMS: improving object detection with one line
/// of code", 2017): as nms_hard, but a better box lowers the scores of those that it overlaps
/// instead of removing them. Best first by the lowered scores (ties: lower index first).
///
/// Thread-safe.
std::vector<std::int64_t> nms_soft(const float* boxes, const float* scores, std::size_t n,
                                   const SoftDecay& decay, std::size_t top_k);

/// Weighted non-maximum suppression (Bazarevsky et al., "BlazeFace", 2019): the faces that nms_hard
/// keeps, with all their columns; but what lies in the image, boxes and points, is the mean of
/// their own and that of the removed faces, weighted by their scores. A removed face belongs to the
/// best kept one that it overlaps by more than the threshold. Where all weights are 0 the face
/// stays as it is. Throws InvalidArgument for a table without boxes or scores.
///
/// Thread-safe.
Faces nms_weighted(const Faces& found, float iou_threshold, std::size_t top_k);

/// The same into a table that is kept from call to call, which then allocates nothing.
void nms_weighted(const Faces& found, float iou_threshold, std::size_t top_k, Faces& merged);

}  // namespace rostro
