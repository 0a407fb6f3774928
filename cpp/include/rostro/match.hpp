#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace rostro {

/// Largest dimension of a template; an int8 dot product of this many codes still fits an int32.
inline constexpr std::size_t kMaxDim = 65536;

/// Quantises `rows` embeddings of `dim` floats, one scale a row, so that code * scale is close to
/// the value: with m = max |v| of the row, scale = m / 127 and code = v * (127 / m), rounded to the
/// nearest integer, ties to even; every operation in float32. Codes lie in -127..127. A row of
/// zeros (or with m < 2^-118) has codes 0 and scale 0. Throws InvalidArgument for an element that
/// is not finite, and for a dimension that is not in 1..kMaxDim.
///
/// Thread-safe. Every SIMD level gives the same bits.
void quantize_embeddings(const float* embeddings, std::size_t rows, std::size_t dim,
                         std::int8_t* codes, float* scales);

/// Quantised embeddings: rows x dim codes, row by row, and a scale a row.
struct Templates {
  const std::int8_t* codes = nullptr;
  const float* scales = nullptr;
  std::size_t rows = 0;
  std::size_t dim = 0;
};

/// What a search may leave out, and how it runs.
struct SearchOptions {
  const std::uint8_t* alive = nullptr;  ///< a byte a row, 0 for those to leave out; null: all rows
  int threads = 1;                      ///< the rows are shared out among so many
};

/// The best rows of every query: entry q * count + i is the i-th best of query q.
struct Matches {
  std::size_t count = 0;  ///< a query: k, or the number of rows that take part where that is less
  std::vector<std::int64_t> indices;
  std::vector<float> similarities;
};

/// The `k` rows most similar to each query, best first; ties: lower index first. The similarity is
///   float(dot) * (scale of the row * scale of the query)
/// with the exact dot product of the codes, and float32 operations in this order. The search is
/// exhaustive; nothing of the size rows x queries is stored.
///
/// Throws InvalidArgument for k or threads below 1, dimensions that differ or are not
/// in 1..kMaxDim, scales that are not in 0..1e14 (their similarities would not be finite) and
/// queries with a code of -128, which quantize_embeddings never gives; in the rows -128 is taken
/// for what it is.
///
/// Thread-safe. Every SIMD level gives the same bits, for any number of threads.
Matches search_int8(const Templates& templates, const Templates& queries, std::size_t k,
                    const SearchOptions& options = {});

}  // namespace rostro
