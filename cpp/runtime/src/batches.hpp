#pragma once

#include <memory>
#include <vector>

#include "rostro/runtime/network.hpp"

namespace rostro {

/// Runs a network on several crops: together where it can, else one at a time.
///
/// Exporters declare any number of images and write a reshape for one: such a network fails for
/// two, or mixes them. So the first batch is compared with its last crop alone, as in
/// python/rostro/engines/onnxruntime_engine.py.
class Batches {
 public:
  /// Throws StatusError for a network that takes several at a time, and only so many.
  explicit Batches(std::unique_ptr<Network> network);

  const Network& network() const { return *network_; }

  /// As Network::run; the first side of the inputs is the crops' number. Throws StatusError.
  void run(const std::vector<Tensor>& inputs, std::vector<Tensor>& outputs);

 private:
  void run_each(const std::vector<Tensor>& inputs, std::vector<Tensor>& outputs);
  bool is_right(const std::vector<Tensor>& inputs, std::vector<Tensor>& outputs);

  std::unique_ptr<Network> network_;
  bool alone_ = false;  ///< one at a time
  bool tried_ = false;  ///< whether that is known
  std::vector<Tensor> one_, given_;
  std::vector<std::vector<float>> numbers_;  ///< of the outputs
};

}  // namespace rostro
