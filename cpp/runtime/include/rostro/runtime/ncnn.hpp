#pragma once

#include <memory>
#include <string>
#include <vector>

#include "rostro/runtime/network.hpp"

namespace rostro {

/// Whether this build of rostro has ncnn: CMake has found it.
bool has_ncnn();

struct NcnnOptions {
  int threads = 1;  ///< of a run
  /// What it takes, in which order it is given: its files do not say it. Every first side is 1, for
  /// a run takes one image. Another size than the network was made for may end the process.
  std::vector<TensorInfo> inputs;
  std::vector<std::string> outputs = {};  ///< which ones are wanted; none: all
};

/// Loads a .param file with its .bin file, as rostro's Python does: in float32 throughout. What
/// pnnx made calls its inputs in0, in1 and its outputs out0, out1: they are taken in their order.
/// Refused with StatusCode::wrong_library where `has_ncnn` is not.
///
/// The files are trusted: ncnn may die of damaged ones. `find_ncnn_weights` checks hashes.
Status open_ncnn_network(const std::string& param, const std::string& weights,
                         const NcnnOptions& options, std::unique_ptr<Network>& network);

}  // namespace rostro
