#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <new>
#include <random>
#include <type_traits>

// Buffers in which a read or a write past the end faults.
namespace rostro::rig {

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
  if (low == high) return std::fill(buffer.begin(), buffer.end(), static_cast<T>(low));
  std::uniform_real_distribution<double> value(low, high);
  for (T& element : buffer) {
    const double drawn = value(random);
    element = static_cast<T>(std::is_integral_v<T> ? std::floor(drawn + 0.5) : drawn);
  }
}

}  // namespace rostro::rig
