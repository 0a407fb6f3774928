#include "crop_network.hpp"

#include <algorithm>
#include <utility>

namespace rostro {

CropNetwork::CropNetwork(std::unique_ptr<Network> network,
                         std::vector<std::vector<std::int64_t>> sides)
    : batches_(std::move(network)),
      sides_(std::move(sides)),
      numbers_(sides_.size()),
      inputs_(sides_.size()) {}

float* CropNetwork::input(std::size_t i, std::size_t rows) {
  Tensor& input = inputs_[i];
  input.sides[0] = static_cast<std::int64_t>(rows);
  std::copy(sides_[i].begin(), sides_[i].end(), input.sides.begin() + 1);
  input.rank = 1 + sides_[i].size();
  if (numbers_[i].size() < input.size()) numbers_[i].resize(input.size());
  input.data = numbers_[i].data();
  return numbers_[i].data();
}

void CropNetwork::run() { batches_.run(inputs_, outputs_); }

OutputView CropNetwork::rows_of(std::size_t i, std::size_t rows) const {
  const std::size_t size = outputs_[i].size();
  if (size % rows != 0) {
    throw StatusError(StatusCode::wrong_model, network().name() + ": gave " + std::to_string(size) +
                                                   " numbers for " + std::to_string(rows) +
                                                   " crops; as many for each are wanted");
  }
  return {outputs_[i].data, rows, size / rows};
}

OutputView CropNetwork::planes_of(std::size_t i) const {
  const Tensor& output = outputs_[i];
  if (output.rank != 4) return {output.data, 1, 1, output.size()};
  const auto rows = static_cast<std::size_t>(output.sides[2]);
  const auto columns = static_cast<std::size_t>(output.sides[3]);
  return {output.data, rows, columns, static_cast<std::size_t>(output.sides[0] * output.sides[1])};
}

std::vector<std::int64_t> crop_sides(Size size) { return {3, size.height, size.width}; }

}  // namespace rostro
