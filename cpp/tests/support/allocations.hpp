#pragma once

#include <cstddef>

// The tests' operator new counts.
namespace rostro::testing {

/// How often this thread has asked for memory.
std::size_t allocations();

/// How often `run` asks for memory.
template <typename Run>
std::size_t allocations_of(const Run& run) {
  const std::size_t before = allocations();
  run();
  return allocations() - before;
}

}  // namespace rostro::testing
