#include "kernels/neon_i8mm/neon_i8mm.hpp"

namespace rostro {

void fill_neon_i8mm(KernelTable& table) {
  table.pack_rows = neon_i8mm::pack_rows;
  table.dot_packed = neon_i8mm::dot_packed;
}

}  // namespace rostro
