#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace rostro {

/// The mean embeddings of the people that a tracker knows, in slots that are used again.
class Appearances {
 public:
  static constexpr std::int32_t none = -1;

  /// 0 until somebody was added.
  std::size_t dim() const { return dim_; }
  /// Before the first `add`, once.
  void set_dim(std::size_t dim) { dim_ = dim; }

  /// Adds an embedding of unit norm to the mean in a slot; `none` makes a slot and returns it. Old
  /// embeddings fade, so that a face that turns or a light that changes is followed.
  std::int32_t add(std::int32_t slot, const float* embedding, float weight);

  void release(std::int32_t slot);

  /// The cosine similarity of an embedding to the mean in a slot.
  float similarity(std::int32_t slot, const float* embedding) const;

 private:
  float* mean(std::int32_t slot) { return means_.data() + static_cast<std::size_t>(slot) * dim_; }

  std::size_t dim_ = 0;
  std::vector<float> means_;    // of unit norm
  std::vector<float> weights_;  // a slot
  std::vector<std::int32_t> free_;
};

float dot(const float* a, const float* b, std::size_t dim);

}  // namespace rostro
