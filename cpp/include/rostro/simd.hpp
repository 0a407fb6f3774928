#pragma once

#include <string_view>
#include <vector>

namespace rostro::simd {

/// Sets of instructions that kernels are written for, each including those before it on its
/// architecture, but that a CPU may have avx512vnni without avxvnni. Scalar is the specification.
enum class Level { scalar, avx2, avxvnni, avx512vnni, neon, neon_dotprod, neon_i8mm };

std::string_view name(Level level);

/// The levels that this build holds and this CPU can run, in rising order; the first is scalar.
std::vector<Level> levels();

/// What levels and networks ask of the CPU and it has: "neon", "fp16", "dotprod", "i8mm", or
/// "avx2", "avxvnni", "avx512vnni". Read from the operating system, not from what the CPU is
/// called.
std::vector<std::string_view> features();

/// The level in use: the best one, unless the environment variable ROSTRO_SIMD or `use` says
/// otherwise. Throws InvalidArgument when ROSTRO_SIMD names no available level.
Level level();

/// Makes the whole process use `level`. Throws InvalidArgument unless it is one of `levels()`.
/// Calls that are running finish with the level they began with.
void use(Level level);

/// The available level of this name; throws InvalidArgument with the available names otherwise.
Level find(std::string_view name);

}  // namespace rostro::simd
