#pragma once

#include "kernels/kernels.hpp"

namespace rostro::neon_i8mm {

void pack_rows(const int8_t* rows, size_t dim, int8_t* packed);
void dot_packed(const int8_t* packed, size_t dim, const QueryCodes& queries, int32_t* dots);

}  // namespace rostro::neon_i8mm
