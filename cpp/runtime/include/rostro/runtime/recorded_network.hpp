#pragma once

#include <vector>

#include "rostro/runtime/network.hpp"

namespace rostro {

/// A tensor with numbers of its own.
struct RecordedTensor {
  std::string name;
  std::vector<std::int64_t> sides;
  std::vector<float> numbers;
};

/// One run that was recorded. Without numbers an input stands for any of these sides.
struct Recording {
  std::vector<RecordedTensor> inputs;
  std::vector<RecordedTensor> outputs;
};

/// A network that gives what was recorded for the same inputs: for tests, and to replay what a
/// machine has seen without its engine. An input that nobody recorded is an error.
class RecordedNetwork : public Network {
 public:
  /// At least one recording is wanted, all of the same names.
  explicit RecordedNetwork(std::vector<Recording> recordings);

 private:
  void compute(const std::vector<Tensor>& inputs, std::vector<Tensor>& outputs) override;

  std::vector<Recording> recordings_;
};

}  // namespace rostro
