#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "rostro/match.hpp"

namespace rostro {

/// Which templates are compared: comparison i is of rows first[i] and second[i].
struct PairList {
  const std::int32_t* first;
  const std::int32_t* second;
  std::size_t n;
};

/// The dot products of pairs of the `rows` x `dim` embeddings, summed in double. Thread-safe.
/// Throws InvalidArgument for a pair of a row that is not there.
void score_pairs(const float* embeddings, std::size_t rows, std::size_t dim, const PairList& pairs,
                 float* scores);

/// The same of quantised embeddings, by the arithmetic of `search_int8`.
void score_pairs(const Templates& templates, const PairList& pairs, float* scores);

/// Comparisons of two photos: a score each, and whether they are of one person. A comparison is
/// accepted at a threshold when its score reaches it; one of -infinity never is.
struct Comparisons {
  const float* scores;
  const bool* same;
  std::size_t n;
};

/// What is accepted at every distinct score, as threshold, highest first.
struct RocCurve {
  std::vector<float> thresholds;
  std::vector<std::int64_t> false_matches;
  std::vector<std::int64_t> true_matches;
};

/// Thread-safe. Throws InvalidArgument for scores that are NaN or +infinity.
RocCurve roc_curve(const Comparisons& comparisons);

/// Samples with replacement of what the comparisons are of, such as persons (Efron and Tibshirani,
/// "An Introduction to the Bootstrap", 1993, chapter 13). A comparison of one unit with itself
/// counts as often as the unit was drawn, one of two units as often as the product of theirs.
struct Resampling {
  const std::int32_t* counts;  ///< samples x units: how often each sample drew each unit
  std::size_t samples;
  std::size_t units;
  PairList units_of;  ///< the two units of each comparison
};

/// What each sample gives: the equal error rate; and for each false accept rate asked for, the
/// lowest threshold that keeps to it and the share of same-person comparisons accepted there.
struct VerificationRates {
  std::vector<double> equal_error;  ///< a sample; NaN where it has comparisons of one kind only
  std::vector<double> accepted;     ///< samples x rates; NaN likewise
  std::vector<float> thresholds;    ///< samples x rates
};

/// Equal error rate: where the share of different persons accepted and that of same persons refused
/// meet, on the straight line between two thresholds. Where not even the strictest threshold keeps
/// to a rate, the threshold is just above every score, and nothing is accepted.
///
/// Thread-safe. Throws InvalidArgument for scores that are NaN or +infinity, rates that are not in
/// 0..1, units that are not there and negative counts.
VerificationRates verification_rates(const Comparisons& comparisons, const Resampling& resampling,
                                     const std::vector<double>& false_accept_rates);

/// samples x `fold_count`: the share of each fold's comparisons that are judged rightly with the
/// threshold best on all other folds: halfway between two of their scores (ties: the lowest).
/// `folds` has a number below `fold_count` for each comparison. NaN for a fold with nothing in it.
///
/// Thread-safe. Throws InvalidArgument as `verification_rates`, and for folds out of range.
std::vector<double> fold_accuracies(const Comparisons& comparisons, const std::int32_t* folds,
                                    std::size_t fold_count, const Resampling& resampling);

}  // namespace rostro
