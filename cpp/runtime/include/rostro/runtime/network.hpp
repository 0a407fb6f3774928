#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "rostro/decode.hpp"
#include "rostro/status.hpp"

namespace rostro {

inline constexpr std::size_t kMostSides = 6;

/// Float32 numbers that somebody else owns, the last side's next to each other.
struct Tensor {
  const float* data = nullptr;
  std::array<std::int64_t, kMostSides> sides = {};
  std::size_t rank = 0;  ///< how many of the sides there are

  std::size_t size() const;  ///< how many numbers
};

/// An output as the core's tasks take it: the last three sides; those before must be 1. Throws
/// ModelMismatch for another.
OutputView view_of(const Tensor& tensor);

/// A side of a tensor that may have any length.
inline constexpr std::int64_t kFreeSide = -1;

/// An input or an output of a network.
struct TensorInfo {
  std::string name;
  std::vector<std::int64_t> sides;
};

/// A loaded network: named tensors in, named tensors out.
///
/// One thread at a time: what a run gave is there until the next one, so whoever runs a network
/// must have read its outputs before another does. A run while another thread's is on is refused
/// with StatusCode::busy. Networks do not share anything: two may run at once.
class Network {
 public:
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;
  virtual ~Network() = default;

  /// For messages: the file that it was loaded from.
  const std::string& name() const { return name_; }

  /// What `run` takes and gives, in this order.
  const std::vector<TensorInfo>& inputs() const { return inputs_; }
  const std::vector<TensorInfo>& outputs() const { return outputs_; }

  /// Runs it. `outputs` look into memory of the network, until its next run or its end. Nothing of
  /// ours is allocated once `outputs` has its size. Refused: other inputs than `inputs()` says.
  Status run(const std::vector<Tensor>& inputs, std::vector<Tensor>& outputs) noexcept;

 protected:
  Network(std::string name, std::vector<TensorInfo> inputs, std::vector<TensorInfo> outputs);

 private:
  /// `inputs` were checked, `outputs` have their number. Throws StatusError.
  virtual void compute(const std::vector<Tensor>& inputs, std::vector<Tensor>& outputs) = 0;

  void check(const std::vector<Tensor>& inputs) const;

  std::string name_;
  std::vector<TensorInfo> inputs_, outputs_;
  std::atomic<bool> runs_{false};
};

}  // namespace rostro
