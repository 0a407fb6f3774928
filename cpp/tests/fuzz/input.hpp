#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <exception>
#include <vector>

#include "rostro/error.hpp"

namespace rostro::testing {

/// What a fuzz target reads its case from: the bytes that the fuzzer gives, zeros after their end.
/// tools/fuzz_seeds.py writes in the same order.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}

  template <typename T>
  T take() {
    T number{};
    const std::size_t bytes = std::min(sizeof number, size_);
    if (bytes > 0) std::memcpy(&number, data_, bytes);
    data_ += bytes;
    size_ -= bytes;
    return number;
  }

  /// In 0..count - 1.
  std::size_t below(std::size_t count) { return take<std::uint8_t>() % count; }
  bool flag() { return below(2) == 1; }
  /// Mostly in 0..1.
  float part() { return static_cast<float>(take<std::uint8_t>()) / 250; }

  /// The bytes that are left, over and over.
  template <typename T>
  std::vector<T> fill(std::size_t count) const {
    std::vector<T> numbers(count);
    auto* const bytes = reinterpret_cast<std::uint8_t*>(numbers.data());
    for (std::size_t done = 0; size_ > 0 && done < count * sizeof(T); done += size_) {
      std::memcpy(bytes + done, data_, std::min(size_, count * sizeof(T) - done));
    }
    return numbers;
  }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
};

/// Runs what may refuse its input, as rostro does that: with one of its errors.
template <typename Run>
void may_refuse(const Run& run) {
  try {
    run();
  } catch (const InvalidArgument&) {
  } catch (const ModelMismatch&) {
  } catch (const NetworkError&) {
  }
}

}  // namespace rostro::testing
