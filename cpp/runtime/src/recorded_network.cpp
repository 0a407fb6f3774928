#include "rostro/runtime/recorded_network.hpp"

#include <algorithm>
#include <utility>

namespace rostro {

namespace {

using Tensors = std::vector<RecordedTensor> Recording::*;

/// The names, with the sides that all recordings have.
std::vector<TensorInfo> infos(const std::vector<Recording>& recordings, Tensors which) {
  std::vector<TensorInfo> result;
  for (const RecordedTensor& first : recordings.at(0).*which) {
    result.push_back({first.name, first.sides});
  }
  for (const Recording& recording : recordings) {
    const std::vector<RecordedTensor>& tensors = recording.*which;
    for (std::size_t i = 0; i < result.size(); ++i) {
      auto& sides = result[i].sides;
      const auto& others = tensors.at(i).sides;
      for (std::size_t k = 0; k < sides.size(); ++k) {
        if (others.at(k) != sides[k]) sides[k] = kFreeSide;
      }
    }
  }
  return result;
}

bool same(const RecordedTensor& recorded, const Tensor& given) {
  if (recorded.sides.size() != given.rank ||
      !std::equal(recorded.sides.begin(), recorded.sides.end(), given.sides.begin())) {
    return false;
  }
  return recorded.numbers.empty() ||
         std::equal(recorded.numbers.begin(), recorded.numbers.end(), given.data);
}

}  // namespace

RecordedNetwork::RecordedNetwork(std::vector<Recording> recordings)
    : Network("recorded network", infos(recordings, &Recording::inputs),
              infos(recordings, &Recording::outputs)),
      recordings_(std::move(recordings)) {}

void RecordedNetwork::compute(const std::vector<Tensor>& inputs, std::vector<Tensor>& outputs) {
  for (const Recording& recording : recordings_) {
    if (!std::equal(recording.inputs.begin(), recording.inputs.end(), inputs.begin(), same)) {
      continue;
    }
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const RecordedTensor& output = recording.outputs[i];
      outputs[i] = {output.numbers.data(), {}, output.sides.size()};
      std::copy(output.sides.begin(), output.sides.end(), outputs[i].sides.begin());
    }
    return;
  }
  throw StatusError(StatusCode::network_failed, name() + ": nothing was recorded for this input");
}

}  // namespace rostro
