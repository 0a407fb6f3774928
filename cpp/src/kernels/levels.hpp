#pragma once

#include "kernels/kernels.hpp"

// Which kernels each level has of its own, to be defined in its folder; a definition of another
// type than kernels.hpp gives does not link. What a level lacks it takes from the one before it.

namespace rostro {

#define ROSTRO_AVXVNNI_KERNELS(KERNEL) \
  KERNEL(DotRowsFn, dot_rows)          \
  KERNEL(PackRowsFn, pack_rows)        \
  KERNEL(DotPackedFn, dot_packed)

/// drop_alpha_row and shrink_rows move 128 bits at a time at every level.
#define ROSTRO_AVX512VNNI_KERNELS(KERNEL) \
  ROSTRO_COMMON_KERNELS(KERNEL)           \
  KERNEL(PackRowsFn, pack_rows)

/// The layout of scalar's packed rows suits NEON as well.
#define ROSTRO_NEON_KERNELS(KERNEL)      \
  ROSTRO_COMMON_KERNELS(KERNEL)          \
  KERNEL(DropAlphaRowFn, drop_alpha_row) \
  KERNEL(ShrinkRowsFn, shrink_rows)

#define ROSTRO_NEON_DOTPROD_KERNELS(KERNEL) \
  KERNEL(DotRowsFn, dot_rows)               \
  KERNEL(PackRowsFn, pack_rows)             \
  KERNEL(DotPackedFn, dot_packed)

#define ROSTRO_NEON_I8MM_KERNELS(KERNEL) \
  KERNEL(PackRowsFn, pack_rows)          \
  KERNEL(DotPackedFn, dot_packed)

// `fill` lays a level's kernels over lesser ones. It is static because a copy of it is compiled
// with the instruction set of every level, and the linker must not choose among them.
#define ROSTRO_DECLARE(Fn, name) Fn name;
#define ROSTRO_TAKE(Fn, name) table.name = name;
#define ROSTRO_LEVEL(level, KERNELS)                                   \
  namespace level {                                                    \
  KERNELS(ROSTRO_DECLARE)                                              \
  static inline void fill(KernelTable& table) { KERNELS(ROSTRO_TAKE) } \
  }

ROSTRO_LEVEL(scalar, ROSTRO_KERNELS)
ROSTRO_LEVEL(avx2, ROSTRO_KERNELS)
ROSTRO_LEVEL(avxvnni, ROSTRO_AVXVNNI_KERNELS)
ROSTRO_LEVEL(avx512vnni, ROSTRO_AVX512VNNI_KERNELS)
ROSTRO_LEVEL(neon, ROSTRO_NEON_KERNELS)
ROSTRO_LEVEL(neon_dotprod, ROSTRO_NEON_DOTPROD_KERNELS)
ROSTRO_LEVEL(neon_i8mm, ROSTRO_NEON_I8MM_KERNELS)

}  // namespace rostro
