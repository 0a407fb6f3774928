#include "detect/select_anchors.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "simd/dispatch.hpp"

namespace rostro {

namespace {

Candidate candidate_of(float score, std::size_t number) {
  const float positive = score + 0.0f;  // no -0, whose bits are not in the order of its value
  std::uint32_t bits = 0;
  std::memcpy(&bits, &positive, sizeof(bits));
  return static_cast<Candidate>(~bits) << 32 | static_cast<Candidate>(number);
}

float sigmoid(float logit) { return 1.0f / (1.0f + std::exp(-logit)); }

/// A logit below that of `probability`, by no more than rounding asks for.
float logit_below(float probability) {
  if (probability <= 0.0f) return -std::numeric_limits<float>::infinity();
  // From 17 on, the sigmoid is 1 in float32.
  const double logit = std::log(static_cast<double>(probability) / (1.0 - probability));
  return static_cast<float>(std::min(logit, 16.0)) - 0.01f;
}

/// The selection in one level: `n` scores at `scores`, the anchors being first, first + step, …
struct Run {
  const float* scores;
  std::size_t n;
  std::size_t first;
  std::size_t step;
};

void select_run(const KernelTable& kernel, const Run& run, ScoreRule rule, float threshold,
                SelectWorkspace& work) {
  const bool logits = rule == ScoreRule::logit || rule == ScoreRule::logits;
  const float limit = logits ? logit_below(threshold) : threshold;
  const std::size_t count = kernel.select_scores(run.scores, run.n, limit, work.indices.data());
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t index = work.indices[i];
    const float score = logits ? sigmoid(run.scores[index]) : run.scores[index];
    if (score < threshold) continue;
    work.candidates.push_back(candidate_of(score, run.first + run.step * index));
  }
}

const float* column_of(const Field& field, HeadColumn column) {
  return field.data + static_cast<std::size_t>(column.index) * field.column_step;
}

void select_root_products(const KernelTable& kernel, const HeadFrame& frame, std::size_t level,
                          float threshold, SelectWorkspace& work) {
  const Head& head = frame.head();
  const Grid& grid = frame.grid(level);
  const std::size_t count =
      kernel.select_products(column_of(frame.field(head.score.kind, level), head.score),
                             column_of(frame.field(head.factor.kind, level), head.factor),
                             grid.anchors(), threshold, work.indices.data(), work.scores.data());
  for (std::size_t i = 0; i < count; ++i) {
    work.candidates.push_back(candidate_of(work.scores[i], grid.first + work.indices[i]));
  }
}

/// Whether a score is made of two numbers, one after the other.
bool of_two(ScoreRule rule) { return rule == ScoreRule::product || rule == ScoreRule::logits; }

/// Collects scores that lie among the other numbers of a row, joined with the second number where
/// the head says so.
void gather(const HeadFrame& frame, std::size_t level, std::vector<float>& scores) {
  const Head& head = frame.head();
  const std::size_t n = frame.grid(level).anchors();
  const Field& field = frame.field(head.score.kind, level);
  const float* from = column_of(field, head.score);
  for (std::size_t i = 0; i < n; ++i) scores[i] = from[i * field.anchor_step];
  if (!of_two(head.rule)) return;
  const Field& other = frame.field(head.factor.kind, level);
  from = column_of(other, head.factor);
  for (std::size_t i = 0; i < n; ++i) {
    const float second = from[i * other.anchor_step];
    scores[i] = head.rule == ScoreRule::product ? scores[i] * second : scores[i] - second;
  }
}

void select_level(const KernelTable& kernel, const HeadFrame& frame, std::size_t level,
                  float threshold, SelectWorkspace& work) {
  const Head& head = frame.head();
  const Grid& grid = frame.grid(level);
  const Field& field = frame.field(head.score.kind, level);
  const auto anchors = static_cast<std::size_t>(grid.level.anchors);
  const float* scores = column_of(field, head.score);
  if (head.rule == ScoreRule::root_product) {
    select_root_products(kernel, frame, level, threshold, work);
    return;
  }
  const bool single = !of_two(head.rule);
  if (single && field.cell_step == 1) {
    for (std::size_t a = 0; a < anchors; ++a) {
      select_run(kernel, {scores + a * field.anchor_step, grid.cells(), grid.first + a, anchors},
                 head.rule, threshold, work);
    }
    return;
  }
  if (!single || field.anchor_step != 1) {
    gather(frame, level, work.scores);
    scores = work.scores.data();
  }
  select_run(kernel, {scores, grid.anchors(), grid.first, 1}, head.rule, threshold, work);
}

}  // namespace

std::size_t anchor_number(Candidate candidate) { return candidate & 0xffffffffu; }

float score_of(Candidate candidate) {
  const auto bits = static_cast<std::uint32_t>(~candidate >> 32);
  float score = 0;
  std::memcpy(&score, &bits, sizeof(score));
  return score;
}

void select_anchors(const HeadFrame& frame, float threshold, SelectWorkspace& work) {
  const KernelTable& kernel = kernels();
  work.candidates.clear();
  for (std::size_t level = 0; level < frame.levels(); ++level) {
    if (frame.grid(level).anchors() == 0) continue;  // networks that propose may have none
    const std::size_t room = frame.grid(level).anchors() + kSelectPadding;
    if (work.indices.size() < room) work.indices.resize(room);
    if (work.scores.size() < room) work.scores.resize(room);
    select_level(kernel, frame, level, threshold, work);
  }
}

}  // namespace rostro
