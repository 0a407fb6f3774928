#include "rostro/fusion.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
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

namespace {

/// One number of each of the embeddings, from `first` on, `step` apart.
double told(SetStatistic statistic, const float* first, std::size_t count, std::size_t step) {
  double sum = 0, least = std::numeric_limits<double>::infinity(), most = -least;
  for (std::size_t row = 0; row < count; ++row) {
    const auto number = static_cast<double>(first[row * step]);
    sum += number;
    least = std::min(least, number);
    most = std::max(most, number);
  }
  const double mean = sum / static_cast<double>(count);
  if (statistic == SetStatistic::kMean) return mean;
  if (statistic == SetStatistic::kLeast) return least;
  if (statistic == SetStatistic::kMost) return most;
  double squares = 0;
  for (std::size_t row = 0; row < count; ++row) {
    const double off = static_cast<double>(first[row * step]) - mean;
    squares += off * off;
  }
  return std::sqrt(squares / static_cast<double>(count));
}

}  // namespace

void conditional_rows(const float* embeddings, std::size_t count, std::size_t dim,
                      const std::vector<SetStatistic>& statistics, float* out) {
  check_dim(dim);
  check_embedding(embeddings, count * dim, 1);
  if (count == 0) return;
  const std::size_t length = (1 + statistics.size()) * dim;
  for (std::size_t s = 0; s < statistics.size(); ++s) {
    for (std::size_t i = 0; i < dim; ++i) {
      out[(s + 1) * dim + i] = static_cast<float>(told(statistics[s], embeddings + i, count, dim));
    }
  }
  for (std::size_t row = 0; row < count; ++row) {
    std::copy_n(embeddings + row * dim, dim, out + row * length);
    if (row > 0) std::copy_n(out + dim, length - dim, out + row * length + dim);
  }
}

bool fuse_by_logits(const float* embeddings, const float* logits, std::size_t count,
                    std::size_t dim, float* out) {
  check_dim(dim);
  check_embedding(embeddings, count * dim, 1);
  if (!all_finite(logits, count)) {
    throw wrong("logits", std::string_view("numbers that are not finite"),
                "finite ones are wanted");
  }
  std::vector<double> fused(dim);
  const float most = count > 0 ? *std::max_element(logits, logits + count) : 0.0f;
  for (std::size_t row = 0; row < count; ++row) {
    const double weight = std::exp(static_cast<double>(logits[row]) - static_cast<double>(most));
    for (std::size_t i = 0; i < dim; ++i) {
      fused[i] += weight * static_cast<double>(embeddings[row * dim + i]);
    }
  }
  return write_unit(fused.data(), dim, out);
}

}  // namespace rostro
