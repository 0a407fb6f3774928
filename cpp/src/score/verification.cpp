#include "rostro/verification.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "rostro/error.hpp"
#include "support/message.hpp"

namespace rostro {

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

void check_rows(const PairList& pairs, std::size_t rows, const std::string& what) {
  for (std::size_t i = 0; i < pairs.n; ++i) {
    for (const std::int32_t row : {pairs.first[i], pairs.second[i]}) {
      if (row >= 0 && static_cast<std::size_t>(row) < rows) continue;
      throw wrong(entry(what, i), row,
                  "a number from 0 to " + text(rows) + " (exclusive) is wanted");
    }
  }
}

/// The comparisons that can be accepted, highest score first.
std::vector<std::size_t> falling(const Comparisons& comparisons) {
  std::vector<std::size_t> order;
  order.reserve(comparisons.n);
  const float* scores = comparisons.scores;
  for (std::size_t i = 0; i < comparisons.n; ++i) {
    if (!(scores[i] < kInfinity)) {
      throw wrong(entry("scores", i), scores[i],
                  "a finite number, or -infinity for never, is wanted");
    }
    if (scores[i] > -kInfinity) order.push_back(i);
  }
  std::sort(order.begin(), order.end(), [scores](std::size_t a, std::size_t b) {
    return scores[a] != scores[b] ? scores[a] > scores[b] : a < b;
  });
  return order;
}

void check_resampling(const Comparisons& comparisons, const Resampling& resampling) {
  if (resampling.units_of.n != comparisons.n) {
    throw wrong("units", "those of " + text(resampling.units_of.n) + " comparisons",
                "those of " + text(comparisons.n) + " are wanted");
  }
  check_rows(resampling.units_of, resampling.units, "units");
  const std::int32_t* end = resampling.counts + resampling.samples * resampling.units;
  const std::int32_t* bad =
      std::find_if(resampling.counts, end, [](std::int32_t count) { return count < 0; });
  if (bad != end) throw wrong("counts", *bad, "how often each unit is drawn is wanted");
}

/// How often a sample has each comparison.
class Weights {
 public:
  Weights(const Resampling& resampling, std::size_t sample)
      : counts_(resampling.counts + sample * resampling.units), units_(resampling.units_of) {}

  double operator[](std::size_t i) const {
    const std::int32_t a = units_.first[i], b = units_.second[i];
    const auto count = static_cast<double>(counts_[a]);
    return a == b ? count : count * static_cast<double>(counts_[b]);
  }

 private:
  const std::int32_t* counts_;
  PairList units_;
};

/// The end of the run of equal scores that begins at `begin` of the order.
std::size_t end_of_tie(const Comparisons& comparisons, const std::vector<std::size_t>& order,
                       std::size_t begin) {
  std::size_t end = begin + 1;
  const float score = comparisons.scores[order[begin]];
  while (end < order.size() && comparisons.scores[order[end]] == score) ++end;
  return end;
}

/// Goes down one sample's thresholds until the rates asked for are all exceeded.
void sweep(const Comparisons& comparisons, const std::vector<std::size_t>& order,
           const Weights& weights, const std::vector<double>& rates, double& equal_error,
           double* accepted, float* thresholds) {
  double same = 0, different = 0;
  for (std::size_t i = 0; i < comparisons.n; ++i) {
    (comparisons.same[i] ? same : different) += weights[i];
  }
  const bool both = same > 0 && different > 0;
  const float top = order.empty() ? 0.0f : comparisons.scores[order.front()];
  equal_error = kNothing;
  std::fill(accepted, accepted + rates.size(), both ? 0.0 : kNothing);
  std::fill(thresholds, thresholds + rates.size(), std::nextafter(top, kInfinity));
  if (!both) return;

  const double largest = *std::max_element(rates.begin(), rates.end());
  double matched = 0, confused = 0, false_accepts = 0, false_rejects = 1;
  bool met = false;
  for (std::size_t begin = 0; begin < order.size();) {
    const std::size_t end = end_of_tie(comparisons, order, begin);
    for (std::size_t i = begin; i < end; ++i) {
      (comparisons.same[order[i]] ? matched : confused) += weights[order[i]];
    }
    const double before = false_rejects - false_accepts, accepts_before = false_accepts;
    false_accepts = confused / different;
    false_rejects = 1 - matched / same;
    if (!met && false_accepts >= false_rejects) {
      const double part = before / (before - (false_rejects - false_accepts));
      equal_error = accepts_before + part * (false_accepts - accepts_before);
      met = true;
    }
    for (std::size_t k = 0; k < rates.size(); ++k) {
      if (false_accepts > rates[k]) continue;
      accepted[k] = matched / same;
      thresholds[k] = comparisons.scores[order[begin]];
    }
    if (met && false_accepts > largest) return;
    begin = end;
  }
  if (!met) equal_error = false_rejects;  // what is never accepted keeps the two apart
}

/// The threshold that judges most comparisons of the other folds rightly.
float best_threshold(const Comparisons& comparisons, const std::vector<std::size_t>& order,
                     const std::int32_t* folds, std::int32_t fold, const Weights& weights) {
  double gain = 0, best_gain = 0;  // right decisions beyond those of accepting nothing
  float last = kInfinity, best = kInfinity;
  bool open = false;  // the best threshold so far may go down to the next score
  for (std::size_t begin = 0; begin < order.size();) {
    const std::size_t end = end_of_tie(comparisons, order, begin);
    const float score = comparisons.scores[order[begin]];
    bool present = false;
    double change = 0;
    for (std::size_t i = begin; i < end; ++i) {
      const double weight = folds[order[i]] == fold ? 0.0 : weights[order[i]];
      present = present || weight > 0;
      change += comparisons.same[order[i]] ? weight : -weight;
    }
    begin = end;
    if (!present) continue;
    if (open) best = std::max((last + score) / 2, std::nextafter(score, last));
    gain += change;
    open = gain >= best_gain;
    if (open) {
      best_gain = gain;
      best = score;
    }
    last = score;
  }
  return best;
}

}  // namespace

void score_pairs(const float* embeddings, std::size_t rows, std::size_t dim, const PairList& pairs,
                 float* scores) {
  check_rows(pairs, rows, "pairs");
  for (std::size_t i = 0; i < pairs.n; ++i) {
    const float* a = embeddings + static_cast<std::size_t>(pairs.first[i]) * dim;
    const float* b = embeddings + static_cast<std::size_t>(pairs.second[i]) * dim;
    double sum = 0;
    for (std::size_t k = 0; k < dim; ++k)
      sum += static_cast<double>(a[k]) * static_cast<double>(b[k]);
    scores[i] = static_cast<float>(sum);
  }
}

void score_pairs(const Templates& templates, const PairList& pairs, float* scores) {
  if (templates.dim > kMaxDim) {
    throw wrong("codes", text(templates.dim) + " columns",
                "at most " + text(kMaxDim) + " are wanted");
  }
  check_rows(pairs, templates.rows, "pairs");
  for (std::size_t i = 0; i < pairs.n; ++i) {
    const auto first = static_cast<std::size_t>(pairs.first[i]);
    const auto second = static_cast<std::size_t>(pairs.second[i]);
    const std::int8_t* a = templates.codes + first * templates.dim;
    const std::int8_t* b = templates.codes + second * templates.dim;
    std::int32_t dot = 0;
    for (std::size_t k = 0; k < templates.dim; ++k) dot += a[k] * b[k];
    scores[i] = static_cast<float>(dot) * (templates.scales[first] * templates.scales[second]);
  }
}

RocCurve roc_curve(const Comparisons& comparisons) {
  const std::vector<std::size_t> order = falling(comparisons);
  RocCurve curve;
  std::int64_t matched = 0, confused = 0;
  for (std::size_t begin = 0; begin < order.size();) {
    const std::size_t end = end_of_tie(comparisons, order, begin);
    for (std::size_t i = begin; i < end; ++i) ++(comparisons.same[order[i]] ? matched : confused);
    curve.thresholds.push_back(comparisons.scores[order[begin]]);
    curve.false_matches.push_back(confused);
    curve.true_matches.push_back(matched);
    begin = end;
  }
  return curve;
}

VerificationRates verification_rates(const Comparisons& comparisons, const Resampling& resampling,
                                     const std::vector<double>& false_accept_rates) {
  const std::vector<double>& rates = false_accept_rates;
  if (rates.empty()) throw wrong("rates", "none", "one or more are wanted");
  for (const double rate : rates) {
    if (!(rate >= 0 && rate <= 1)) throw wrong("rates", rate, "numbers from 0 to 1 are wanted");
  }
  check_resampling(comparisons, resampling);
  const std::vector<std::size_t> order = falling(comparisons);
  const std::size_t samples = resampling.samples;
  VerificationRates result{std::vector<double>(samples),
                           std::vector<double>(samples * rates.size()),
                           std::vector<float>(samples * rates.size())};
  for (std::size_t sample = 0; sample < samples; ++sample) {
    sweep(comparisons, order, Weights(resampling, sample), rates, result.equal_error[sample],
          &result.accepted[sample * rates.size()], &result.thresholds[sample * rates.size()]);
  }
  return result;
}

std::vector<double> fold_accuracies(const Comparisons& comparisons, const std::int32_t* folds,
                                    std::size_t fold_count, const Resampling& resampling) {
  check_resampling(comparisons, resampling);
  for (std::size_t i = 0; i < comparisons.n; ++i) {
    if (folds[i] >= 0 && static_cast<std::size_t>(folds[i]) < fold_count) continue;
    throw wrong(entry("folds", i), folds[i],
                "a number from 0 to " + text(fold_count) + " (exclusive) is wanted");
  }
  const std::vector<std::size_t> order = falling(comparisons);
  std::vector<double> accuracies(resampling.samples * fold_count);
  for (std::size_t sample = 0; sample < resampling.samples; ++sample) {
    const Weights weights(resampling, sample);
    std::vector<float> thresholds(fold_count);
    for (std::size_t fold = 0; fold < fold_count; ++fold) {
      thresholds[fold] =
          best_threshold(comparisons, order, folds, static_cast<std::int32_t>(fold), weights);
    }
    std::vector<double> right(fold_count), all(fold_count);
    for (std::size_t i = 0; i < comparisons.n; ++i) {
      const auto fold = static_cast<std::size_t>(folds[i]);
      const float score = comparisons.scores[i];
      const bool accepted = score > -kInfinity && score >= thresholds[fold];
      all[fold] += weights[i];
      if (accepted == comparisons.same[i]) right[fold] += weights[i];
    }
    for (std::size_t fold = 0; fold < fold_count; ++fold) {
      accuracies[sample * fold_count + fold] = all[fold] > 0 ? right[fold] / all[fold] : kNothing;
    }
  }
  return accuracies;
}

}  // namespace rostro
