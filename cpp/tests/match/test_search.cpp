#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "kernels/rig.hpp"
#include "rostro/error.hpp"
#include "rostro/match.hpp"

using namespace rostro;
using rig::Flush;
using rig::GuardedBuffer;

namespace {

/// Quantised embeddings in buffers that end against a page that faults.
struct Codes {
  Codes(std::size_t row_count, std::size_t columns, Flush flush)
      : rows(row_count),
        dim(columns),
        codes(row_count * columns, flush),
        scales(row_count, flush) {}

  void fill(std::mt19937& random, int low, int high) {
    rig::fill(codes, random, low, high);
    rig::fill(scales, random, 1, 3);
    for (float& scale : scales) scale = std::floor(scale) / 1024;  // many equal similarities
  }

  Templates view() const { return {codes.data(), scales.data(), rows, dim}; }

  std::size_t rows;
  std::size_t dim;
  GuardedBuffer<std::int8_t> codes;
  GuardedBuffer<float> scales;
};

/// The definition: every similarity, sorted, the first k.
Matches plain_search(const Templates& templates, const Templates& queries, std::size_t k,
                     const std::uint8_t* alive) {
  Matches matches;
  std::vector<std::int64_t> order;
  for (std::size_t r = 0; r < templates.rows; ++r) {
    if (alive == nullptr || alive[r] != 0) order.push_back(static_cast<std::int64_t>(r));
  }
  matches.count = std::min(k, order.size());
  for (std::size_t q = 0; q < queries.rows; ++q) {
    std::vector<float> similarities(templates.rows);
    for (std::size_t r = 0; r < templates.rows; ++r) {
      std::int64_t dot = 0;
      for (std::size_t i = 0; i < templates.dim; ++i) {
        dot += templates.codes[r * templates.dim + i] * queries.codes[q * templates.dim + i];
      }
      similarities[r] = static_cast<float>(dot) * (templates.scales[r] * queries.scales[q]);
    }
    std::vector<std::int64_t> best = order;
    std::sort(best.begin(), best.end(), [&](std::int64_t a, std::int64_t b) {
      const float of_a = similarities[static_cast<std::size_t>(a)];
      const float of_b = similarities[static_cast<std::size_t>(b)];
      return of_a != of_b ? of_a > of_b : a < b;
    });
    for (std::size_t i = 0; i < matches.count; ++i) {
      matches.indices.push_back(best[i]);
      matches.similarities.push_back(similarities[static_cast<std::size_t>(best[i])]);
    }
  }
  return matches;
}

void check_search(std::mt19937& random, std::size_t rows, std::size_t count, std::size_t dim,
                  std::size_t k, int threads, bool with_alive) {
  CAPTURE(rows);
  CAPTURE(count);
  CAPTURE(dim);
  CAPTURE(k);
  CAPTURE(threads);
  CAPTURE(with_alive);
  const Flush flush = random() % 2 == 0 ? Flush::front : Flush::back;
  const int largest = random() % 2 == 0 ? 127 : 1;  // few values give ties
  Codes templates(rows, dim, flush), queries(count, dim, flush);
  templates.fill(random, largest == 1 ? -1 : -128, largest);
  queries.fill(random, -largest, largest);
  GuardedBuffer<std::uint8_t> alive(rows, flush);
  rig::fill(alive, random, 0, 1);
  const SearchOptions options{with_alive ? alive.data() : nullptr, threads};
  const Matches wanted = plain_search(templates.view(), queries.view(), k, options.alive);
  const Matches found = search_int8(templates.view(), queries.view(), k, options);
  CHECK(found.count == wanted.count);
  CHECK(found.indices == wanted.indices);
  CHECK(found.similarities == wanted.similarities);
}

}  // namespace

TEST_CASE("search_int8: finds what sorting all similarities finds, ties included") {
  rig::use_each_level([](std::mt19937& random) {
    for (std::size_t rows = 0; rows <= 70; ++rows) {
      check_search(random, rows, 1 + rows % 9, 1 + rows, 1 + rows % 7, 1, false);
    }
    for (const std::size_t dim : {1u, 3u, 16u, 31u, 63u, 64u, 65u, 127u, 128u, 512u}) {
      for (const std::size_t count : {0u, 1u, 2u, 4u, 5u, 9u}) {
        check_search(random, 300, count, dim, 5, 1, false);
        check_search(random, 191, count, dim, 300, 1, true);
      }
    }
  });
}

TEST_CASE("search_int8: threads change nothing") {
  rig::use_each_level([](std::mt19937& random) {
    for (const int threads : {2, 3, 7}) {
      for (const std::size_t rows : {1u, 64u, 65u, 200u, 449u}) {
        check_search(random, rows, 6, 33, 10, threads, rows % 2 == 0);
      }
    }
  });
}

TEST_CASE("search_int8: nothing to find") {
  const std::int8_t codes[] = {1, 2, 3, 4};
  const float scales[] = {1, 1};
  const std::uint8_t alive[] = {0, 0};
  const Templates two{codes, scales, 2, 2}, none{nullptr, nullptr, 0, 2};
  CHECK(search_int8(none, two, 3).count == 0);
  CHECK(search_int8(two, none, 3).indices.empty());
  CHECK(search_int8(two, two, 3, {alive, 1}).count == 0);
}

TEST_CASE("search_int8: what it refuses") {
  const std::int8_t codes[] = {1, 2, -128, 4};
  const float scales[] = {1, 1}, not_finite[] = {1, NAN}, negative[] = {-1, 1}, huge[] = {1, 2e14f};
  const Templates two{codes, scales, 2, 2}, one{codes, scales, 1, 2};
  const auto refuses = [](const Templates& templates, const Templates& queries, std::size_t k,
                          int threads, const char* message) {
    CHECK_THROWS_WITH_AS(search_int8(templates, queries, k, {nullptr, threads}),
                         doctest::Contains(message), InvalidArgument);
  };
  CHECK(search_int8(two, one, 1).indices == std::vector<std::int64_t>{0});  // -128 in a row
  refuses(two, one, 0, 1, "k: got 0");
  refuses(two, one, 1, 0, "threads: got 0");
  refuses(two, two, 1, 1, "queries[1, 0]: got -128");
  refuses(two, {codes, scales, 1, 3}, 1, 1, "queries: got 3 columns; 2 are wanted");
  refuses({codes, scales, 4, 0}, {codes, scales, 4, 0}, 1, 1, "codes: got 0 columns");
  refuses({codes, not_finite, 2, 2}, one, 1, 1, "scales[1]: got nan");
  refuses({codes, huge, 2, 2}, one, 1, 1, "scales[1]: got 2");
  refuses(two, {codes, negative, 1, 2}, 1, 1, "query_scales[0]: got -1");
}
