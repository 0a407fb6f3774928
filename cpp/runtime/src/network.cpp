#include "rostro/runtime/network.hpp"

#include <utility>

#include "guarded.hpp"
#include "once.hpp"

namespace rostro {

namespace {

template <typename Sides>
std::string shape(const Sides& sides, std::size_t rank) {
  std::string result = "(";
  for (std::size_t i = 0; i < rank; ++i) {
    result += i == 0 ? "" : ", ";
    result += sides[i] == kFreeSide ? "any" : std::to_string(sides[i]);
  }
  return result + ")";
}

bool fits(const std::vector<std::int64_t>& wanted, const Tensor& tensor) {
  if (tensor.rank != wanted.size()) return false;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (tensor.sides[i] < 1) return false;
    if (wanted[i] != kFreeSide && wanted[i] != tensor.sides[i]) return false;
  }
  return true;
}

}  // namespace

std::size_t Tensor::size() const {
  std::size_t count = 1;
  for (std::size_t i = 0; i < rank; ++i) count *= static_cast<std::size_t>(sides[i]);
  return count;
}

OutputView view_of(const Tensor& tensor) {
  const auto side = [&](std::size_t from_last) {
    return from_last > tensor.rank
               ? std::size_t{1}
               : static_cast<std::size_t>(tensor.sides[tensor.rank - from_last]);
  };
  for (std::size_t from_last = 4; from_last <= tensor.rank; ++from_last) {
    if (side(from_last) != 1) {
      throw ModelMismatch("output: got shape " + shape(tensor.sides, tensor.rank) +
                          "; three sides, and before them 1, are wanted");
    }
  }
  return {tensor.data, side(2), side(1), side(3)};
}

Network::Network(std::string name, std::vector<TensorInfo> inputs, std::vector<TensorInfo> outputs)
    : name_(std::move(name)), inputs_(std::move(inputs)), outputs_(std::move(outputs)) {}

Status Network::run(const std::vector<Tensor>& inputs, std::vector<Tensor>& outputs) noexcept {
  return guarded([&] {
    const Once alone(runs_, name_);
    check(inputs);
    outputs.resize(outputs_.size());
    compute(inputs, outputs);
  });
}

void Network::check(const std::vector<Tensor>& inputs) const {
  if (inputs.size() != inputs_.size()) {
    throw StatusError(StatusCode::invalid_argument,
                      name_ + ": got " + std::to_string(inputs.size()) + " inputs; " +
                          std::to_string(inputs_.size()) + " are wanted");
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const TensorInfo& wanted = inputs_[i];
    if (inputs[i].data != nullptr && fits(wanted.sides, inputs[i])) continue;
    const std::string got = inputs[i].data == nullptr ? std::string("no numbers")
                                                      : shape(inputs[i].sides, inputs[i].rank);
    throw StatusError(StatusCode::invalid_argument,
                      name_ + ": its input " + wanted.name + ": got " + got + "; " +
                          shape(wanted.sides, wanted.sides.size()) + " is wanted");
  }
}

}  // namespace rostro
