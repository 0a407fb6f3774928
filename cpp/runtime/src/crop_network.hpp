#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "batches.hpp"
#include "rostro/decode.hpp"
#include "support/aligned_vector.hpp"

namespace rostro {

/// Runs a network on crops of faces. The memory of its inputs is used again.
class CropNetwork {
 public:
  /// `sides`: of each input those behind the number of crops. Throws as Batches.
  CropNetwork(std::unique_ptr<Network> network, std::vector<std::vector<std::int64_t>> sides);

  const Network& network() const { return batches_.network(); }

  /// Where to write `rows` crops, or what belongs to them, of an input. All inputs of a run must
  /// have as many.
  float* input(std::size_t i, std::size_t rows);

  /// Throws StatusError.
  void run();

  /// What an output of the run is, by its index.
  const Tensor& output(std::size_t i) const { return outputs_[i]; }

  /// The same, whatever its sides are, with a row for each of so many crops. Throws StatusError
  /// where it cannot be cut into as many.
  OutputView rows_of(std::size_t i, std::size_t rows) const;

  /// The same: of maps, (N, K, height, width), N K planes; else each number a plane.
  OutputView planes_of(std::size_t i) const;

 private:
  Batches batches_;
  std::vector<std::vector<std::int64_t>> sides_;
  std::vector<AlignedVector<float>> numbers_;
  std::vector<Tensor> inputs_, outputs_;
};

/// The sides of an input of crops.
std::vector<std::int64_t> crop_sides(Size size);

}  // namespace rostro
