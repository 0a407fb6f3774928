#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace rostro {

/// Finds the cheapest one-to-one matching of rows and columns, by shortest augmenting paths
/// (Jonker and Volgenant, "A shortest augmenting path algorithm for dense and sparse linear
/// assignment problems", 1987, in the rectangular form of Crouse, "On implementing 2D rectangular
/// assignment algorithms", 2016).
///
/// Keeps its memory from use to use, so that a problem that was once as large allocates nothing.
/// One thread at a time.
class Assignment {
 public:
  /// Writes the column of each row, -1 of a row that is left alone. A row that is left alone costs
  /// `limit`, so that no pair as dear as this is made; infinite costs forbid a pair. Rows are taken
  /// in their order, and each takes of its equally cheap columns the free one that comes first:
  /// where several matchings are cheapest, the result is the same everywhere.
  ///
  /// `costs`: rows x columns, row by row. Throws InvalidArgument for a limit that is not finite, or
  /// a cost that is NaN or minus infinity.
  void solve(const double* costs, std::size_t rows, std::size_t columns, double limit,
             std::int32_t* column_of_row);

 private:
  void assign(const double* costs, std::size_t row, double limit, std::int32_t* column_of_row);

  std::size_t columns_ = 0;
  std::vector<double> row_prices_, column_prices_;  // the dual variables u and v
  std::vector<double> lengths_;                     // of the shortest path to each column
  std::vector<std::int32_t> row_of_column_, from_;  // from_: the row before a column on its path
  std::vector<std::int32_t> visited_rows_;
  std::vector<std::int32_t> visited_columns_;
  std::vector<char> visited_;  // of columns
};

}  // namespace rostro
