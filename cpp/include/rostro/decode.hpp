#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "rostro/faces.hpp"
#include "rostro/heads.hpp"
#include "rostro/types.hpp"

namespace rostro {

/// One output of a network, float32: `rows` x `columns`, an anchor a row, cell by cell, or where an
/// array is for all levels also an anchor a column; or, as networks give it before it is
/// transposed, `planes` x `rows` x `columns`, where planes are anchors times numbers an anchor, and
/// rows and columns those of the grid.
struct OutputView {
  const float* data = nullptr;
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::size_t planes = 1;
};

/// How a network's six numbers of a pose were normalised: pose = mean + std * number.
struct PoseScale {
  std::array<float, 6> mean = {};
  std::array<float, 6> std = {1, 1, 1, 1, 1, 1};
};

/// Decodes the outputs of a network whose input was `input` pixels: the anchors whose score reaches
/// `score_threshold`, at most the `top_k` best of them, best first (ties: the earlier anchor
/// first). Coordinates are in pixels of the network's input and not clipped. Anchors whose score is
/// NaN are left out. Gives boxes and scores; landmarks, poses and translations where the head has
/// them.
///
/// The outputs come in the order of `head.outputs`, each for all levels before the next one.
///
/// Thread-safe.
Faces decode(const Head& head, const std::vector<OutputView>& outputs, Size input,
             float score_threshold, std::size_t top_k, const PoseScale& poses = {});

/// The same into `found`, whose memory is used again: nothing is allocated once a thread has seen
/// its largest input and `found` its largest number of faces.
void decode(const Head& head, const std::vector<OutputView>& outputs, Size input,
            float score_threshold, std::size_t top_k, Faces& found, const PoseScale& poses = {});

/// The index of the first output that holds NaN or an infinity; their number where none does. A
/// network that was computed with too small numbers (float16) gives such, and with them silently no
/// faces.
std::size_t find_not_finite(const std::vector<OutputView>& outputs);

}  // namespace rostro
