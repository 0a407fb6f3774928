#pragma once

#include <cstddef>

namespace rostro {

/// Throws InvalidArgument that names the argument unless `dim` is in 1..kMaxDim.
void check_dim(const char* name, std::size_t dim);

}  // namespace rostro
