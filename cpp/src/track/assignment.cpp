#include "rostro/assignment.hpp"

#include <cmath>
#include <limits>
#include <utility>

#include "rostro/error.hpp"
#include "support/message.hpp"

namespace rostro {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

void check(const double* costs, std::size_t count, double limit) {
  if (!std::isfinite(limit)) throw wrong("limit", limit, "a finite number is wanted");
  for (std::size_t i = 0; i < count; ++i) {
    if (!(costs[i] > -kInfinity)) {
      throw wrong(entry("costs", i), costs[i], "a number or infinity is wanted");
    }
  }
}

}  // namespace

void Assignment::solve(const double* costs, std::size_t rows, std::size_t columns, double limit,
                       std::int32_t* column_of_row) {
  check(costs, rows * columns, limit);
  columns_ = columns;
  row_prices_.assign(rows, 0);
  column_prices_.assign(columns, 0);
  lengths_.resize(columns);
  from_.resize(columns);
  row_of_column_.assign(columns, -1);
  visited_.assign(columns, 0);
  visited_rows_.reserve(rows);
  visited_columns_.reserve(columns);
  for (std::size_t row = 0; row < rows; ++row) column_of_row[row] = -1;
  for (std::size_t row = 0; row < rows; ++row) assign(costs, row, limit, column_of_row);
}

// To be left alone is a column of each row's own, which costs `limit` and which no other row can
// take: so its price stays 0 and a path that comes to it ends.
void Assignment::assign(const double* costs, std::size_t row, double limit,
                        std::int32_t* column_of_row) {
  visited_rows_.clear();
  visited_columns_.clear();
  for (std::size_t j = 0; j < columns_; ++j) {
    lengths_[j] = kInfinity;
    visited_[j] = 0;
  }
  double length = 0, alone_length = kInfinity;
  std::size_t at = row, alone = row;
  std::int32_t end = -1;  // the free column that is reached
  for (;;) {
    visited_rows_.push_back(static_cast<std::int32_t>(at));
    const double base = length - row_prices_[at];
    if (base + limit < alone_length) {
      alone_length = base + limit;
      alone = at;
    }
    const double* from_here = costs + at * columns_;
    double least = kInfinity;
    std::size_t next = columns_;
    for (std::size_t j = 0; j < columns_; ++j) {
      if (visited_[j] != 0) continue;
      const double through = base + from_here[j] - column_prices_[j];
      if (through < lengths_[j]) {
        lengths_[j] = through;
        from_[j] = static_cast<std::int32_t>(at);
      }
      const bool tie = lengths_[j] == least && next < columns_;
      if (lengths_[j] < least || (tie && row_of_column_[j] < 0 && row_of_column_[next] >= 0)) {
        least = lengths_[j];
        next = j;
      }
    }
    if (next == columns_ || alone_length <= least) {
      length = alone_length;
      break;
    }
    length = least;
    visited_[next] = 1;
    visited_columns_.push_back(static_cast<std::int32_t>(next));
    if (row_of_column_[next] < 0) {
      end = static_cast<std::int32_t>(next);
      break;
    }
    at = static_cast<std::size_t>(row_of_column_[next]);
  }

  row_prices_[row] += length;
  for (const std::int32_t each : visited_rows_) {
    const auto i = static_cast<std::size_t>(each);
    if (i == row) continue;
    row_prices_[i] += length - lengths_[static_cast<std::size_t>(column_of_row[i])];
  }
  for (const std::int32_t each : visited_columns_) {
    const auto j = static_cast<std::size_t>(each);
    column_prices_[j] -= length - lengths_[j];
  }

  std::int32_t column = end;
  if (end < 0) {
    column = std::exchange(column_of_row[alone], -1);
    if (alone == row) return;
  }
  std::size_t i = 0;
  do {
    const auto j = static_cast<std::size_t>(column);
    i = static_cast<std::size_t>(from_[j]);
    row_of_column_[j] = static_cast<std::int32_t>(i);
    std::swap(column_of_row[i], column);
  } while (i != row);
}

}  // namespace rostro
