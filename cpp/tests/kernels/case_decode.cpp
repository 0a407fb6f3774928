#include <cstdint>
#include <limits>

#include "kernels/case.hpp"

namespace rostro::rig {

namespace {

const float kInf = std::numeric_limits<float>::infinity();
const float kNan = std::numeric_limits<float>::quiet_NaN();

std::vector<std::size_t> counts() { return sizes_across_tails(0, 140, {800, 3200, 12801}); }

/// Random scores in which one of so many is a number of another kind.
void fill_scores(GuardedBuffer<float>& scores, std::mt19937& random, unsigned one_in) {
  const float strange[] = {kNan, -kNan, kInf, -kInf, 0.0f, -0.0f, 0.5f, 1.0f, 1e-40f, -3.0f};
  fill(scores, random, -0.2, 1.2);
  for (float& score : scores) {
    if (random() % one_in == 0) score = strange[random() % 10];
  }
}

/// As an image with one face: of all scores, four in a row reach the threshold.
void fill_one_face(GuardedBuffer<float>& scores, std::mt19937& random) {
  fill(scores, random, 0, 0.3);
  for (std::size_t i = 3000; i < 3004; ++i) scores[i] = 0.9f;
}

class SelectScores : public Call {
 public:
  SelectScores(std::size_t n, Flush flush)
      : scores(n, flush), indices_(output<std::uint32_t>(n + kSelectPadding, Flush::back)) {}

  void run(const KernelTable& kernel) override {
    count_ = kernel.select_scores(scores.data(), scores.size(), threshold, indices_);
  }

  std::vector<double> result() const override {
    std::vector<double> numbers;
    append(numbers, indices_, count_);
    return numbers;
  }

  std::string text() const override {
    return sizes({{"scores", scores.size()}, {"threshold", threshold}});
  }

  GuardedBuffer<float> scores;
  float threshold = 0.5f;

 private:
  std::uint32_t* indices_;
  std::size_t count_ = 0;
};

void check_select_scores(std::mt19937& random, const Visit& visit) {
  for (const std::size_t n : counts()) {
    SelectScores call(n, n % 2 == 0 ? Flush::back : Flush::front);
    fill_scores(call.scores, random, 5);
    // From all of them to none.
    for (const float threshold : {-kInf, 0.0f, 0.5f, 0.99f, 1.0f, 2.0f, kInf, kNan}) {
      call.threshold = threshold;
      visit(call);
    }
  }
}

std::vector<Work> select_scores_works(std::mt19937& random) {
  auto call = std::make_shared<SelectScores>(6400, Flush::front);
  fill_one_face(call->scores, random);
  return {{"select_scores: 6400 scores", call}};
}

class SelectProducts : public Call {
 public:
  SelectProducts(std::size_t n, Flush flush)
      : cls(n, flush),
        obj(n, flush),
        indices_(output<std::uint32_t>(n + kSelectPadding, Flush::back)),
        scores_(output<float>(n + kSelectPadding, Flush::back)) {}

  void run(const KernelTable& kernel) override {
    count_ =
        kernel.select_products(cls.data(), obj.data(), cls.size(), threshold, indices_, scores_);
  }

  std::vector<double> result() const override {
    std::vector<double> numbers;
    append(numbers, indices_, count_);
    append(numbers, scores_, count_);
    return numbers;
  }

  std::string text() const override {
    return sizes({{"scores", cls.size()}, {"threshold", threshold}});
  }

  GuardedBuffer<float> cls, obj;
  float threshold = 0.5f;

 private:
  std::uint32_t* indices_;
  float* scores_;
  std::size_t count_ = 0;
};

void check_select_products(std::mt19937& random, const Visit& visit) {
  for (const std::size_t n : counts()) {
    SelectProducts call(n, n % 2 == 0 ? Flush::back : Flush::front);
    fill_scores(call.cls, random, 5);
    fill_scores(call.obj, random, 7);
    for (const float threshold : {0.0f, 0.5f, 0.9f, 1.0f, 2.0f}) {
      call.threshold = threshold;
      visit(call);
    }
  }
}

std::vector<Work> select_products_works(std::mt19937& random) {
  auto call = std::make_shared<SelectProducts>(6400, Flush::front);
  fill_one_face(call->cls, random);
  for (std::size_t i = 0; i < call->cls.size(); ++i) call->obj[i] = call->cls[i];
  return {{"select_products: 6400 scores", call}};
}

}  // namespace

std::vector<Case> decode_cases() {
  return {{"select_scores", check_select_scores, select_scores_works},
          {"select_products", check_select_products, select_products_works}};
}

}  // namespace rostro::rig
