#pragma once

#include <memory>
#include <string>
#include <vector>

#include "rostro/runtime/network.hpp"

namespace rostro {

/// ONNX Runtime's library, as it was opened; every network of it keeps it.
class OnnxRuntime;

/// Opens ONNX Runtime's shared library; nothing of it is linked. `path`: a file, such as
/// onnxruntime/capi/libonnxruntime.so.1.32.0 of a Python wheel; empty: the system's own. Refused:
/// one that is missing, made for another machine, or older than the header that rostro was built
/// with (newer ones serve).
///
/// Its telemetry is switched off, for which ORT_DISABLE_TELEMETRY is set in the environment before
/// it is opened: to be called before other threads read the environment. Once opened, the library
/// stays in the process.
Status open_onnxruntime(const std::string& path, std::shared_ptr<const OnnxRuntime>& library);

/// "1.32.0"
const std::string& version_of(const OnnxRuntime& library);

struct OnnxOptions {
  int threads = 1;                        ///< of a run
  std::vector<std::string> inputs = {};   ///< in which order they are given; none: the graph's own
  std::vector<std::string> outputs = {};  ///< which ones are wanted; none: all of the graph
};

/// Loads an .onnx file, with the options that rostro's Python uses too: on the CPU, one operator at
/// a time, and idle threads do not spin. Refused: a file that is none, and inputs or outputs that
/// are not float32.
///
/// The file is trusted: ONNX Runtime may die of a damaged one. `find_weights` checks hashes.
Status open_network(std::shared_ptr<const OnnxRuntime> library, const std::string& file,
                    const OnnxOptions& options, std::unique_ptr<Network>& network);

}  // namespace rostro
