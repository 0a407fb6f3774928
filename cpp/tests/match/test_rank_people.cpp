#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "rostro/error.hpp"
#include "rostro/rank_people.hpp"

using namespace rostro;

namespace {

constexpr std::size_t kDim = 24;

/// Templates of people who have many each, so that a search must look further than at first.
struct Gallery {
  Gallery()
      : floats(kRows * kDim), codes(kRows * kDim), scales(kRows), people(kRows), alive(kRows) {
    std::mt19937 random(5);
    std::normal_distribution<float> normal;
    for (std::size_t row = 0; row < kRows; ++row) {
      people[row] = row < kRows / 2 ? 1 : static_cast<std::uint32_t>(2 + row % 9);
      alive[row] = row % 7 != 3;
      for (std::size_t i = 0; i < kDim; ++i) {
        const float near = people[row] == 1 && i == 0 ? 20.0f : 0.0f;
        floats[row * kDim + i] = normal(random) + near;
      }
    }
    quantize_embeddings(floats.data(), kRows, kDim, codes.data(), scales.data());
  }

  PeopleTemplates part(std::size_t begin, std::size_t end) const {
    return {{codes.data() + begin * kDim, scales.data() + begin, end - begin, kDim},
            people.data() + begin,
            alive.data() + begin};
  }

  static constexpr std::size_t kRows = 900;
  std::vector<float> floats;
  std::vector<std::int8_t> codes;
  std::vector<float> scales;
  std::vector<std::uint32_t> people;
  std::vector<std::uint8_t> alive;
};

/// The definition: everybody's best row, sorted.
std::vector<RankedPerson> defined(const Gallery& gallery, const float* query, std::size_t k) {
  std::vector<std::int8_t> codes(kDim);
  float scale = 0;
  quantize_embeddings(query, 1, kDim, codes.data(), &scale);
  std::vector<RankedPerson> best;
  for (std::uint32_t person = 1; person <= 10; ++person) {
    best.push_back({person, -INFINITY});
    for (std::size_t row = 0; row < Gallery::kRows; ++row) {
      if (gallery.people[row] != person || gallery.alive[row] == 0) continue;
      int dot = 0;
      for (std::size_t i = 0; i < kDim; ++i) dot += gallery.codes[row * kDim + i] * codes[i];
      const float similarity = static_cast<float>(dot) * (gallery.scales[row] * scale);
      best.back().similarity = std::max(best.back().similarity, similarity);
    }
  }
  std::sort(best.begin(), best.end(), [](const RankedPerson& a, const RankedPerson& b) {
    return a.similarity != b.similarity ? a.similarity > b.similarity : a.person < b.person;
  });
  best.resize(std::min(k, best.size()));
  return best;
}

void check_equal(const std::vector<RankedPerson>& found, const std::vector<RankedPerson>& wanted) {
  REQUIRE(found.size() == wanted.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    CHECK(found[i].person == wanted[i].person);
    CHECK(found[i].similarity == wanted[i].similarity);
  }
}

}  // namespace

TEST_CASE("rank_people: everybody by their best template, however templates are divided") {
  const Gallery gallery;
  const std::size_t last = Gallery::kRows;
  for (const std::size_t k : {1u, 3u, 10u, 50u}) {
    const auto whole = rank_people({gallery.part(0, last)}, gallery.floats.data(), 20, kDim, k);
    const auto parts = rank_people({gallery.part(0, 100), gallery.part(100, 100),
                                    gallery.part(100, 777), gallery.part(777, last)},
                                   gallery.floats.data(), 20, kDim, k, {false, 3});
    REQUIRE(whole.size() == 20);
    for (std::size_t q = 0; q < 20; ++q) {
      const auto wanted = defined(gallery, gallery.floats.data() + q * kDim, k);
      check_equal(whole[q], wanted);
      check_equal(parts[q], wanted);
    }
  }
}

TEST_CASE("rank_people: rescoring leaves but the rounding of the templates") {
  const Gallery gallery;
  const float* query = gallery.floats.data() + 3 * kDim;  // of a row that takes no part
  const auto found = rank_people({gallery.part(0, Gallery::kRows)}, query, 1, kDim, 1, {true, 1});
  double best = -INFINITY;
  for (std::size_t row = 0; row < Gallery::kRows; ++row) {
    double sum = 0;
    for (std::size_t i = 0; i < kDim; ++i) {
      sum += static_cast<double>(gallery.codes[row * kDim + i]) * static_cast<double>(query[i]);
    }
    if (gallery.alive[row] != 0) {
      best = std::max(best, sum * static_cast<double>(gallery.scales[row]));
    }
  }
  CHECK(static_cast<double>(found[0][0].similarity) == doctest::Approx(best).epsilon(1e-6));
}

TEST_CASE("rank_people: nobody, no query, and what cannot be used") {
  const Gallery gallery;
  const float* queries = gallery.floats.data();
  CHECK(rank_people({}, queries, 2, kDim, 1).size() == 2);
  CHECK(rank_people({}, queries, 2, kDim, 1)[1].empty());
  CHECK(rank_people({gallery.part(0, 9)}, queries, 0, kDim, 1).empty());
  CHECK_THROWS_AS(rank_people({gallery.part(0, 9)}, queries, 1, kDim, 0), InvalidArgument);
  CHECK_THROWS_AS(rank_people({gallery.part(0, 9)}, queries, 1, kDim - 1, 1), InvalidArgument);
}
