#include "rostro/fusion.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include "rostro/error.hpp"
#include "support/finite.hpp"
#include "support/message.hpp"

namespace rostro {

namespace {

void check_embedding(const float* embedding, std::size_t dim, double weight) {
  if (!all_finite(embedding, dim)) {
    throw wrong("embedding", std::string_view("numbers that are not finite"),
                "finite ones are wanted");
  }
  if (!(weight >= 0) || !std::isfinite(weight)) {
    throw wrong("weight", weight, "a number of 0 or more is wanted");
  }
}

void check_dim(std::size_t dim) {
  if (dim == 0) throw wrong("dim", dim, "1 or more is wanted");
}

/// Writes a vector as a unit vector; false, and zeros, of one without a direction.
bool write_unit(const double* numbers, std::size_t dim, float* out) {
  double square = 0;
  for (std::size_t i = 0; i < dim; ++i) square += numbers[i] * numbers[i];
  const double norm = std::sqrt(square);
  for (std::size_t i = 0; i < dim; ++i) {
    out[i] = norm > 0 ? static_cast<float>(numbers[i] / norm) : 0.0f;
  }
  return norm > 0;
}

}  // namespace

MeanTemplate::MeanTemplate(std::size_t dim) {
  check_dim(dim);
  sums_.assign(dim, 0);
}

void MeanTemplate::add(const float* embedding, double weight) {
  check_embedding(embedding, dim(), weight);
  for (std::size_t i = 0; i < dim(); ++i) sums_[i] += weight * static_cast<double>(embedding[i]);
  weight_ += weight;
}

void MeanTemplate::merge(const MeanTemplate& other) {
  if (other.dim() != dim()) {
    throw wrong("other", other.dim(), text(dim()) + " numbers are wanted");
  }
  for (std::size_t i = 0; i < dim(); ++i) sums_[i] += other.sums_[i];
  weight_ += other.weight_;
}

bool MeanTemplate::result(float* out) const { return write_unit(sums_.data(), dim(), out); }

ClusterTemplate::ClusterTemplate(std::vector<float> centers, std::size_t dim,
                                 std::vector<float> weights, double sharpness)
    : dim_(dim), centers_(std::move(centers)), weights_(std::move(weights)), sharpness_(sharpness) {
  check_dim(dim);
  if (centers_.empty() || centers_.size() % dim != 0 ||
      !all_finite(centers_.data(), centers_.size())) {
    throw wrong("centers", centers_.size(),
                "finite numbers, " + text(dim) + " of each of one or more centers, are wanted");
  }
  const std::size_t count = centers_.size() / dim;
  if (weights_.empty()) weights_.assign(count, 1);
  const bool positive = std::all_of(weights_.begin(), weights_.end(),
                                    [](float w) { return w >= 0 && std::isfinite(w); });
  if (weights_.size() != count || !positive) {
    throw wrong("weights", weights_.size(),
                "numbers of 0 or more, one for each of " + text(count) + " centers, are wanted");
  }
  if (!(sharpness >= 0) || !std::isfinite(sharpness)) {
    throw wrong("sharpness", sharpness, "a number of 0 or more is wanted");
  }
  sums_.assign(centers_.size(), 0);
  masses_.assign(count, 0);
  shares_.resize(count);
}

void ClusterTemplate::add(const float* embedding, double weight) {
  check_embedding(embedding, dim_, weight);
  for (std::size_t j = 0; j < count(); ++j) {
    double dot = 0;
    for (std::size_t i = 0; i < dim_; ++i) {
      dot += static_cast<double>(centers_[j * dim_ + i]) * static_cast<double>(embedding[i]);
    }
    shares_[j] = sharpness_ * dot;
  }
  const double most = *std::max_element(shares_.begin(), shares_.end());
  double total = 0;
  for (double& share : shares_) total += share = std::exp(share - most);
  for (std::size_t j = 0; j < count(); ++j) {
    const double share = weight * shares_[j] / total;
    for (std::size_t i = 0; i < dim_; ++i) {
      sums_[j * dim_ + i] += share * static_cast<double>(embedding[i]);
    }
    masses_[j] += share;
  }
}

void ClusterTemplate::merge(const ClusterTemplate& other) {
  if (other.centers_ != centers_ || other.sharpness_ != sharpness_ || other.dim_ != dim_) {
    throw wrong("other", std::string_view("a template of other centers"), "the same are wanted");
  }
  for (std::size_t i = 0; i < sums_.size(); ++i) sums_[i] += other.sums_[i];
  for (std::size_t j = 0; j < masses_.size(); ++j) masses_[j] += other.masses_[j];
}

// A center that has next to nothing says next to nothing: a mean of it would be noise at full
// weight. So a mean counts by mass / (mass + 1), which is nearly all of it from a few embeddings
// on.
bool ClusterTemplate::result(float* out) const {
  std::vector<double> fused(dim_);
  for (std::size_t j = 0; j < count(); ++j) {
    const double share = static_cast<double>(weights_[j]) / (masses_[j] + 1);
    for (std::size_t i = 0; i < dim_; ++i) fused[i] += share * sums_[j * dim_ + i];
  }
  return write_unit(fused.data(), dim_, out);
}

}  // namespace rostro
