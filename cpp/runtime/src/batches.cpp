#include "batches.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace rostro {

namespace {

/// One of the crops alone.
Tensor crop_of(const Tensor& tensor, std::size_t crop) {
  Tensor one = tensor;
  one.sides[0] = 1;
  one.data += crop * one.size();
  return one;
}

/// Whether the last of `count` crops has given the same in a batch as alone. Kernels for several
/// round in another order; what is mixed is off by far more.
bool ends_with(const Tensor& together, std::size_t count, const Tensor& shape,
               const std::vector<float>& alone) {
  if (together.rank != shape.rank || together.size() != count * alone.size()) return false;
  float most = 1e-6f, off = 0;
  const float* last = together.data + together.size() - alone.size();
  for (std::size_t i = 0; i < alone.size(); ++i) {
    most = std::max(most, std::abs(alone[i]));
    off = std::max(off, std::abs(last[i] - alone[i]));
  }
  return off <= 1e-3f * most;
}

}  // namespace

Batches::Batches(std::unique_ptr<Network> network) : network_(std::move(network)) {
  const std::int64_t batch = network_->inputs().front().sides.front();
  if (batch != 1 && batch != kFreeSide) {
    throw StatusError(StatusCode::wrong_model, network_->name() + ": takes " +
                                                   std::to_string(batch) +
                                                   " crops at once; 1, or any number, is wanted");
  }
  alone_ = tried_ = batch == 1;
  numbers_.resize(network_->outputs().size());
}

void Batches::run(const std::vector<Tensor>& inputs, std::vector<Tensor>& outputs) {
  const bool several = inputs.front().sides[0] > 1;
  if (several && !tried_) {
    alone_ = !is_right(inputs, outputs);
    tried_ = true;
    if (!alone_) return;
  }
  if (several && alone_) {
    run_each(inputs, outputs);
  } else {
    must(network_->run(inputs, outputs));
  }
}

bool Batches::is_right(const std::vector<Tensor>& inputs, std::vector<Tensor>& outputs) {
  const auto count = static_cast<std::size_t>(inputs.front().sides[0]);
  one_.clear();
  for (const Tensor& input : inputs) one_.push_back(crop_of(input, count - 1));
  must(network_->run(one_, given_));
  for (std::size_t i = 0; i < given_.size(); ++i) {
    numbers_[i].assign(given_[i].data, given_[i].data + given_[i].size());
  }
  if (!network_->run(inputs, outputs).ok()) return false;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (!ends_with(outputs[i], count, given_[i], numbers_[i])) return false;
  }
  return true;
}

void Batches::run_each(const std::vector<Tensor>& inputs, std::vector<Tensor>& outputs) {
  const auto count = static_cast<std::size_t>(inputs.front().sides[0]);
  for (std::vector<float>& numbers : numbers_) numbers.clear();
  for (std::size_t crop = 0; crop < count; ++crop) {
    one_.clear();
    for (const Tensor& input : inputs) one_.push_back(crop_of(input, crop));
    must(network_->run(one_, given_));
    for (std::size_t i = 0; i < given_.size(); ++i) {
      numbers_[i].insert(numbers_[i].end(), given_[i].data, given_[i].data + given_[i].size());
    }
  }
  outputs = given_;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    outputs[i].data = numbers_[i].data();
    outputs[i].sides[0] *= inputs.front().sides[0];
  }
}

}  // namespace rostro
