#include "rostro/assignment.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "rostro/error.hpp"

using namespace rostro;

namespace {

constexpr double kForbidden = std::numeric_limits<double>::infinity();

struct Problem {
  std::size_t rows, columns;
  std::vector<double> costs;
  double limit;

  std::vector<std::int32_t> solve() const {
    Assignment assignment;
    std::vector<std::int32_t> found(rows, -2);
    assignment.solve(costs.data(), rows, columns, limit, found.data());
    return found;
  }

  double cost(const std::vector<std::int32_t>& found) const {
    double sum = 0;
    for (std::size_t row = 0; row < rows; ++row) {
      sum += found[row] < 0 ? limit : costs[row * columns + static_cast<std::size_t>(found[row])];
    }
    return sum;
  }

  /// By trying all.
  double least(std::size_t row = 0, unsigned taken = 0) const {
    if (row == rows) return 0;
    double best = limit + least(row + 1, taken);
    for (std::size_t j = 0; j < columns; ++j) {
      const double cost = costs[row * columns + j];
      if ((taken >> j & 1u) != 0 || cost == kForbidden) continue;
      best = std::min(best, cost + least(row + 1, taken | 1u << j));
    }
    return best;
  }
};

}  // namespace

TEST_CASE("assignment: costs as little as the best of all, each column once") {
  std::mt19937 random(3);
  for (int trial = 0; trial < 3000; ++trial) {
    Problem problem{random() % 7, random() % 7, {}, 0};
    const unsigned steps = trial % 2 == 0 ? 5 : 1000;  // few steps: many ties
    for (std::size_t i = 0; i < problem.rows * problem.columns; ++i) {
      const double cost = static_cast<double>(random() % steps) / steps - 0.2;
      problem.costs.push_back(random() % 3 == 0 ? kForbidden : cost);
    }
    problem.limit = static_cast<double>(random() % 10) / 8;
    const std::vector<std::int32_t> found = problem.solve();
    std::vector<bool> taken(problem.columns);
    for (const std::int32_t column : found) {
      if (column < 0) continue;
      REQUIRE(!taken[static_cast<std::size_t>(column)]);
      taken[static_cast<std::size_t>(column)] = true;
    }
    CAPTURE(trial);
    REQUIRE(problem.cost(found) == doctest::Approx(problem.least()));
  }
}

TEST_CASE("assignment: of equal costs, rows take the columns in their order") {
  const Problem square{3, 3, std::vector<double>(9, 0.5), 1};
  CHECK(square.solve() == std::vector<std::int32_t>{0, 1, 2});
  const Problem tall{3, 2, std::vector<double>(6, 0.5), 1};
  CHECK(tall.solve() == std::vector<std::int32_t>{0, 1, -1});
  const Problem wide{2, 3, std::vector<double>(6, 0.5), 1};
  CHECK(wide.solve() == std::vector<std::int32_t>{0, 1});
}

TEST_CASE("assignment: nothing is paired at the limit or above, or where it is forbidden") {
  CHECK(Problem{1, 1, {1}, 1}.solve() == std::vector<std::int32_t>{-1});
  CHECK(Problem{1, 1, {0.99}, 1}.solve() == std::vector<std::int32_t>{0});
  CHECK(Problem{2, 1, {kForbidden, kForbidden}, 9}.solve() == std::vector<std::int32_t>{-1, -1});
  CHECK(Problem{2, 0, {}, 9}.solve() == std::vector<std::int32_t>{-1, -1});
  CHECK(Problem{0, 2, {}, 9}.solve().empty());
}

TEST_CASE("assignment: costs that are no numbers are told") {
  const double nan = std::nan("");
  CHECK_THROWS_WITH_AS((Problem{1, 2, {0, nan}, 1}.solve()), doctest::Contains("costs[1]: got nan"),
                       InvalidArgument);
  CHECK_THROWS_AS((Problem{1, 1, {-kForbidden}, 1}.solve()), InvalidArgument);
  CHECK_THROWS_AS((Problem{1, 1, {0}, kForbidden}.solve()), InvalidArgument);
}
