#include "track/appearances.hpp"

#include <algorithm>
#include <cmath>

namespace rostro {

namespace {

/// What the embeddings before weigh at most.
constexpr float kMostWeight = 30;

}  // namespace

// Eight sums apart are what a compiler may vectorize.
float dot(const float* a, const float* b, std::size_t dim) {
  constexpr std::size_t lanes = 8;
  float sums[lanes] = {};
  std::size_t i = 0;
  for (; i + lanes <= dim; i += lanes) {
    for (std::size_t lane = 0; lane < lanes; ++lane) sums[lane] += a[i + lane] * b[i + lane];
  }
  for (; i < dim; ++i) sums[i % lanes] += a[i] * b[i];
  return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

std::int32_t Appearances::add(std::int32_t slot, const float* embedding, float weight) {
  if (slot == none) {
    if (free_.empty()) {
      slot = static_cast<std::int32_t>(weights_.size());
      weights_.push_back(0);
      means_.resize(means_.size() + dim_);
      free_.reserve(weights_.capacity());  // so that a release allocates nothing
    } else {
      slot = free_.back();
      free_.pop_back();
    }
    std::fill_n(mean(slot), dim_, 0.0f);
    weights_[static_cast<std::size_t>(slot)] = 0;
  }
  float& before = weights_[static_cast<std::size_t>(slot)];
  float* numbers = mean(slot);
  for (std::size_t i = 0; i < dim_; ++i) {
    numbers[i] = numbers[i] * before + embedding[i] * weight;
  }
  const float norm = std::sqrt(dot(numbers, numbers, dim_));
  if (norm > 0) {
    for (std::size_t i = 0; i < dim_; ++i) numbers[i] /= norm;
  } else {  // of two that are opposite
    std::copy_n(embedding, dim_, numbers);
  }
  before = std::min(before + weight, kMostWeight);
  return slot;
}

void Appearances::release(std::int32_t slot) {
  if (slot != none) free_.push_back(slot);
}

float Appearances::similarity(std::int32_t slot, const float* embedding) const {
  return dot(means_.data() + static_cast<std::size_t>(slot) * dim_, embedding, dim_);
}

}  // namespace rostro
