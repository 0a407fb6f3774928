#include "kernels/neon_dotprod/neon_dotprod.hpp"

namespace rostro {

void fill_neon_dotprod(KernelTable& table) {
  table.dot_rows = neon_dotprod::dot_rows;
  table.pack_rows = neon_dotprod::pack_rows;
  table.dot_packed = neon_dotprod::dot_packed;
}

}  // namespace rostro
