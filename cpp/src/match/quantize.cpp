#include <algorithm>
#include <cmath>
#include <string>

#include "match/check_dim.hpp"
#include "rostro/error.hpp"
#include "rostro/match.hpp"
#include "simd/dispatch.hpp"
#include "support/message.hpp"

namespace rostro {

void check_dim(const char* name, std::size_t dim) {
  if (dim >= 1 && dim <= kMaxDim) return;
  throw wrong(name, text(dim) + " columns", "1 to " + text(kMaxDim) + " are wanted");
}

void quantize_embeddings(const float* embeddings, std::size_t rows, std::size_t dim,
                         std::int8_t* codes, float* scales) {
  check_dim("embeddings", dim);
  QuantizeRowFn* const quantize_row = kernels().quantize_row;
  for (std::size_t row = 0; row < rows; ++row) {
    scales[row] = quantize_row(embeddings + row * dim, dim, codes + row * dim);
    if (!std::isnan(scales[row])) continue;
    const float* v = embeddings + row * dim;
    const float* bad = std::find_if_not(v, v + dim, [](float x) { return std::isfinite(x); });
    throw wrong("embeddings[" + text(row) + ", " + text(bad - v) + "]", *bad,
                "finite numbers are wanted");
  }
}

}  // namespace rostro
