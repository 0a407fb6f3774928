#pragma once

#include <doctest/doctest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <new>
#include <random>
#include <string>
#include <type_traits>

#include "rostro/simd.hpp"
#include "simd/dispatch.hpp"

// What every check of kernels needs: all levels of this machine against scalar, buffers in which a
// read or a write past the end faults, and a seed to repeat a failure with.
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

/// Which end of the buffer lies against a page that faults; the other end is up to a page away
/// from one. `back` also gives bases that are aligned to nothing.
enum class Flush { front, back };

/// `size` elements of zeros between two pages that can be neither read nor written.
template <typename T>
class GuardedBuffer {
 public:
  explicit GuardedBuffer(std::size_t size, Flush flush = Flush::back) : size_(size) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    const std::size_t bytes = size * sizeof(T);
    const std::size_t inner = (bytes + page - 1) / page * page;
    mapped_ = inner + 2 * page;
    base_ = mmap(nullptr, mapped_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base_ == MAP_FAILED) throw std::bad_alloc();
    char* first = static_cast<char*>(base_) + page;
    if (inner != 0 && mprotect(first, inner, PROT_READ | PROT_WRITE) != 0) {
      munmap(base_, mapped_);
      throw std::bad_alloc();
    }
    data_ = reinterpret_cast<T*>(flush == Flush::front ? first : first + inner - bytes);
  }
  ~GuardedBuffer() { munmap(base_, mapped_); }
  GuardedBuffer(const GuardedBuffer&) = delete;
  GuardedBuffer& operator=(const GuardedBuffer&) = delete;

  T* data() { return data_; }
  const T* data() const { return data_; }
  std::size_t size() const { return size_; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  T& operator[](std::size_t i) { return data_[i]; }

 private:
  std::size_t size_;
  std::size_t mapped_ = 0;
  void* base_ = nullptr;
  T* data_ = nullptr;
};

/// Fills with random values from `low` to `high`, whole numbers for integer types.
template <typename T>
void fill(GuardedBuffer<T>& buffer, std::mt19937& random, double low, double high) {
  std::uniform_real_distribution<double> value(low, high);
  for (T& element : buffer) {
    const double drawn = value(random);
    element = static_cast<T>(std::is_integral_v<T> ? std::floor(drawn + 0.5) : drawn);
  }
}

}  // namespace rostro::rig
