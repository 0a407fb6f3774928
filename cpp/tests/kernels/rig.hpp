#pragma once

#include <doctest/doctest.h>

#include <cstdlib>
#include <random>
#include <string>

#include "kernels/guarded_buffer.hpp"
#include "rostro/simd.hpp"
#include "simd/dispatch.hpp"

// What every check of kernels needs: all levels of this machine, and a seed to repeat a failure
// with.
namespace rostro::rig {

/// The seed of this run: that of the environment variable ROSTRO_TEST_SEED, or a new one.
inline unsigned seed() {
  static const unsigned value = [] {
    const char* given = std::getenv("ROSTRO_TEST_SEED");
    return given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 10))
                            : std::random_device{}();
  }();
  return value;
}

/// Calls check(level, random) for every level, each with random numbers from the same seed; a
/// failure tells the level and the seed.
template <typename Check>
void with_levels(Check check) {
  for (const simd::Level level : simd::levels()) {
    const std::string level_name(simd::name(level));
    const unsigned ROSTRO_TEST_SEED = seed();
    CAPTURE(level_name);
    CAPTURE(ROSTRO_TEST_SEED);
    std::mt19937 random(ROSTRO_TEST_SEED);
    check(level, random);
  }
}

/// Calls check(kernels, random) for every level but scalar, to compare its kernels with scalar's.
template <typename Check>
void for_each_level(Check check) {
  with_levels([&check](simd::Level level, std::mt19937& random) {
    if (level != simd::Level::scalar) check(kernels(level), random);
  });
}

/// Calls check(random) with every level in use in turn, to check the core API on each.
template <typename Check>
void use_each_level(Check check) {
  const simd::Level before = simd::level();
  with_levels([&check](simd::Level level, std::mt19937& random) {
    simd::use(level);
    check(random);
  });
  simd::use(before);
}

}  // namespace rostro::rig
