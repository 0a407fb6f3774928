#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <random>
#include <vector>

#include "rostro/error.hpp"
#include "rostro/verification.hpp"

using namespace rostro;

namespace {

constexpr float kNever = -std::numeric_limits<float>::infinity();

/// Comparisons whose scores are multiples of 1/20, so that many are equal.
struct Scored {
  Scored(std::size_t n, unsigned seed) : scores(n), same(std::make_unique<bool[]>(n)) {
    std::mt19937 random(seed);
    for (std::size_t i = 0; i < n; ++i) {
      same[i] = random() % 3 == 0;
      scores[i] = static_cast<float>(random() % 14 + (same[i] ? 6 : 0)) / 20;
      if (random() % 10 == 0) scores[i] = kNever;
    }
  }

  Comparisons view() const { return {scores.data(), same.get(), scores.size()}; }

  std::vector<float> scores;
  std::unique_ptr<bool[]> same;
};

struct Share {
  double of_same, of_different;
};

/// The shares accepted at a threshold, each comparison as often as its weight, counted plainly.
Share accepted(const Scored& scored, const std::vector<int>& weights, float threshold) {
  double n[2] = {}, hits[2] = {};
  for (std::size_t i = 0; i < scored.scores.size(); ++i) {
    n[scored.same[i]] += weights[i];
    if (scored.scores[i] >= threshold) hits[scored.same[i]] += weights[i];
  }
  return {hits[1] / n[1], hits[0] / n[0]};
}

}  // namespace

TEST_CASE("verification: the curve holds what a count at each threshold gives") {
  const Scored scored(300, 1);
  const RocCurve curve = roc_curve(scored.view());
  REQUIRE(!curve.thresholds.empty());
  CHECK(std::is_sorted(curve.thresholds.rbegin(), curve.thresholds.rend()));
  for (std::size_t i = 0; i < curve.thresholds.size(); ++i) {
    std::int64_t matches[2] = {};
    for (std::size_t k = 0; k < 300; ++k) {
      if (scored.scores[k] >= curve.thresholds[i]) ++matches[scored.same[k]];
    }
    CHECK(curve.false_matches[i] == matches[0]);
    CHECK(curve.true_matches[i] == matches[1]);
  }
}

TEST_CASE("verification: a sample has the rates of comparisons written out as often as drawn") {
  const Scored scored(400, 2);
  std::mt19937 random(3);
  const std::size_t units = 30, samples = 5;
  std::vector<std::int32_t> counts(samples * units), first(400), second(400);
  for (auto& count : counts) count = static_cast<std::int32_t>(random() % 3);
  for (std::size_t i = 0; i < 400; ++i) {
    first[i] = static_cast<std::int32_t>(random() % units);
    second[i] = scored.same[i] ? first[i] : static_cast<std::int32_t>(random() % units);
  }
  const std::vector<double> rates = {0.0, 0.05, 0.3};
  const Resampling resampling{counts.data(), samples, units, {first.data(), second.data(), 400}};
  const VerificationRates got = verification_rates(scored.view(), resampling, rates);
  for (std::size_t s = 0; s < samples; ++s) {
    std::vector<int> weights(400);
    for (std::size_t i = 0; i < 400; ++i) {
      const std::int32_t* of = &counts[s * units];
      weights[i] = first[i] == second[i] ? of[first[i]] : of[first[i]] * of[second[i]];
    }
    for (std::size_t k = 0; k < rates.size(); ++k) {
      const float threshold = got.thresholds[s * rates.size() + k];
      const Share at = accepted(scored, weights, threshold);
      CHECK(at.of_different <= rates[k]);
      CHECK(at.of_same == doctest::Approx(got.accepted[s * rates.size() + k]));
      const Share below = accepted(scored, weights, std::nextafter(threshold, 0.0f) - 0.05f);
      CHECK((below.of_different > rates[k] || below.of_same == at.of_same));
    }
    CHECK(got.equal_error[s] > 0);
    CHECK(got.equal_error[s] < 0.5);
  }
}

TEST_CASE("verification: equal error, worked out by hand") {
  const float scores[] = {0.9f, 0.8f, 0.7f, 0.6f};
  const bool same[] = {true, false, true, false};
  const std::int32_t zeros[4] = {}, once[1] = {1};
  const Resampling as_is{once, 1, 1, {zeros, zeros, 4}};
  const VerificationRates got = verification_rates({scores, same, 4}, as_is, {0.0, 0.5, 1.0});
  CHECK(got.equal_error[0] == 0.5);
  CHECK(got.accepted == std::vector<double>{0.5, 1.0, 1.0});
  CHECK(got.thresholds == std::vector<float>{0.9f, 0.7f, 0.6f});
  const bool first_is_false[] = {false, true, true, false};
  const VerificationRates strict = verification_rates({scores, first_is_false, 4}, as_is, {0.1});
  CHECK(strict.accepted[0] == 0);
  CHECK(strict.thresholds[0] > 0.9f);
}

TEST_CASE("verification: folds are judged with the threshold of the others") {
  // Best on fold 1: between 0.8 and 0.4; best on fold 0: between 0.6 and 0.1.
  const float scores[] = {0.6f, 0.1f, 0.5f, 0.8f, 0.4f, kNever};
  const bool same[] = {true, false, false, true, false, true};
  const std::int32_t folds[] = {0, 0, 0, 1, 1, 1};
  const std::int32_t zeros[6] = {}, once[1] = {1};
  const Resampling as_is{once, 1, 1, {zeros, zeros, 6}};
  const std::vector<double> got = fold_accuracies({scores, same, 6}, folds, 2, as_is);
  CHECK(got[0] == doctest::Approx(1.0));        // 0.6 is the middle: 0.6 in, 0.5 and 0.1 out
  CHECK(got[1] == doctest::Approx(2.0 / 3.0));  // 0.55: the photo without a face is lost
}

TEST_CASE("verification: pairs score as the dot product, and as int8 search does") {
  const float rows[] = {1, 0, 0.6f, 0.8f, 0, -1};
  const std::int32_t first[] = {0, 1}, second[] = {1, 2};
  float scores[2];
  score_pairs(rows, 3, 2, {first, second, 2}, scores);
  CHECK(scores[0] == 0.6f);
  CHECK(scores[1] == -0.8f);
  std::int8_t codes[6];
  float scales[3];
  quantize_embeddings(rows, 3, 2, codes, scales);
  score_pairs(Templates{codes, scales, 3, 2}, {first, second, 2}, scores);
  const Matches found = search_int8({codes, scales, 1, 2}, {codes + 2, scales + 1, 1, 2}, 1);
  CHECK(scores[0] == found.similarities[0]);
  const std::int32_t outside[] = {3, 0};
  CHECK_THROWS_AS(score_pairs(rows, 3, 2, {outside, second, 2}, scores), InvalidArgument);
}

TEST_CASE("verification: nonsense is refused") {
  const float scores[] = {0.5f, NAN}, fine[] = {0.5f, 0.2f};
  const bool same[] = {true, false};
  const std::int32_t zeros[2] = {}, ones[2] = {1, 1}, once[1] = {1}, negative[1] = {-1};
  const Resampling as_is{once, 1, 1, {zeros, zeros, 2}};
  CHECK_THROWS_AS(roc_curve({scores, same, 2}), InvalidArgument);
  CHECK_THROWS_AS(verification_rates({fine, same, 2}, as_is, {1.5}), InvalidArgument);
  CHECK_THROWS_AS(verification_rates({fine, same, 2}, {once, 1, 1, {ones, zeros, 2}}, {0.1}),
                  InvalidArgument);
  CHECK_THROWS_AS(verification_rates({fine, same, 2}, {negative, 1, 1, {zeros, zeros, 2}}, {0.1}),
                  InvalidArgument);
  CHECK_THROWS_AS(fold_accuracies({fine, same, 2}, ones, 1, as_is), InvalidArgument);
}
