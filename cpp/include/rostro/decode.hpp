#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "rostro/types.hpp"

namespace rostro {

/// The maths by which a head's numbers become boxes.
enum class Codec {
  yunet,          ///< score sqrt(cls obj); centre offset and exponential size, in strides
  anchor_offset,  ///< score as is; distances from the anchor centre to the four sides, in strides
};

/// A detector head as data.
struct Head {
  std::string_view name;
  Codec codec;
  std::vector<int> strides;
  int anchors;    ///< anchors a cell
  int size_step;  ///< the input's sides must be a multiple of this
};

/// One output of a network: `rows` x `columns` float32, row by row.
struct OutputView {
  const float* data = nullptr;
  std::size_t rows = 0;
  std::size_t columns = 0;
};

/// The head of this name; throws InvalidArgument with the known names otherwise.
const Head& find_head(std::string_view name);

/// Decodes the outputs of a network whose input was `input` pixels: the anchors whose score reaches
/// `score_threshold`, at most the `top_k` best of them, best first (ties: the earlier anchor
/// first). Coordinates are in pixels of the network's input and not clipped. Anchors whose score is
/// NaN are left out.
///
/// The outputs come kind by kind, each for all strides: for "yunet" cls, obj, bbox, kps; for
/// "scrfd" scores, boxes and, if there are nine outputs, points.
///
/// Thread-safe.
Detections decode(const Head& head, const std::vector<OutputView>& outputs, Size input,
                  float score_threshold, std::size_t top_k);

}  // namespace rostro
