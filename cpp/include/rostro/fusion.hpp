#pragma once

#include <cstddef>
#include <vector>

namespace rostro {

/// One template of many embeddings of a person: their mean, weighted by how good each is. What
/// comes out does not depend on the order in which they are added, but for rounding. One thread at
/// a time.
class MeanTemplate {
 public:
  /// Throws InvalidArgument for 0.
  explicit MeanTemplate(std::size_t dim);

  /// Adds an embedding. Throws InvalidArgument for numbers or a weight that are not finite, or a
  /// weight below 0.
  void add(const float* embedding, double weight);

  /// Adds all of another's. Throws InvalidArgument for one of another length.
  void merge(const MeanTemplate& other);

  std::size_t dim() const { return sums_.size(); }
  double weight() const { return weight_; }  ///< of all together

  /// Writes the template, of unit norm; false, and zeros, where it is nothing yet.
  bool result(float* out) const;

 private:
  std::vector<double> sums_;
  double weight_ = 0;
};

/// The same with as many means as there are centers, after the cluster and aggregate of Kim et al.,
/// "Cluster and aggregate: Face recognition with large probe set", 2022: each embedding is shared
/// among the centers by the softmax of its similarity to them, and the template is the weighted sum
/// of the centers' means. So a hundred frames alike weigh no more than their center. Memory does
/// not grow, and what comes out does not depend on the order, but for rounding. One thread at a
/// time.
class ClusterTemplate {
 public:
  /// `centers`: count x dim; `weights`: of the centers' means, or none for 1 each; `sharpness`:
  /// what similarities are multiplied by before their softmax. Throws InvalidArgument where there
  /// is none, or a number is not finite, or a weight is below 0.
  ClusterTemplate(std::vector<float> centers, std::size_t dim, std::vector<float> weights,
                  double sharpness);

  void add(const float* embedding, double weight);  ///< as above
  void merge(const ClusterTemplate& other);         ///< as above, of the same centers
  bool result(float* out) const;                    ///< as above

  std::size_t dim() const { return dim_; }
  std::size_t count() const { return weights_.size(); }
  const std::vector<double>& masses() const { return masses_; }  ///< what each center has

 private:
  std::size_t dim_;
  std::vector<float> centers_, weights_;
  double sharpness_;
  std::vector<double> sums_, masses_, shares_;
};

/// What is told of a set of embeddings, number by number.
enum class SetStatistic { kMean, kDeviation, kLeast, kMost };

/// What a network that weighs the embeddings of a set is given of each, after the conditional
/// aggregation of Jawade et al., "CoNAN: Conditional neural aggregation network for unconstrained
/// face feature fusion", 2023: the embedding, and what is told of the whole set. `out`:
/// count x (1 + statistics) dim. Throws InvalidArgument for numbers that are not finite.
void conditional_rows(const float* embeddings, std::size_t count, std::size_t dim,
                      const std::vector<SetStatistic>& statistics, float* out);

/// The mean of `count` embeddings, weighted by the softmax of their logits, of unit norm; false,
/// and zeros, where it has no direction. Throws InvalidArgument for numbers that are not finite.
bool fuse_by_logits(const float* embeddings, const float* logits, std::size_t count,
                    std::size_t dim, float* out);

}  // namespace rostro
