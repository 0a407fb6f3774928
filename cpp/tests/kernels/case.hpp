#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/guarded_buffer.hpp"
#include "kernels/kernels.hpp"

// One case a kernel: what it is called with, what its result is, and which calls are typical. The
// check against scalar, the benchmark and the count of instructions are made of the same cases.
namespace rostro::rig {

/// A call of one kernel, with the memory that it reads and writes.
class Call {
 public:
  Call() = default;
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  virtual ~Call() = default;

  /// What a call needs that depends on the level: memory that another kernel has written.
  virtual void prepare(const KernelTable&) {}

  /// Calls the kernel, and does nothing else.
  virtual void run(const KernelTable& kernel) = 0;

  /// The numbers that the last run has made: those that have a meaning, and those that it had to
  /// leave alone.
  virtual std::vector<double> result() const = 0;

  /// By how much number i of the result may differ from scalar's.
  virtual double tolerance(std::size_t /*i*/, double /*wanted*/) const { return 0; }

  /// The sizes of the call, to be shown with a failure.
  virtual std::string text() const = 0;

  /// Overwrites all outputs, so that what a run does not write cannot be that of the run before.
  void clear();

 protected:
  /// Memory for `size` elements that the kernel writes, every byte of them `filled` before a run.
  template <typename T>
  T* output(std::size_t size, Flush flush, unsigned char filled = 0xA5) {
    outputs_.push_back({std::make_unique<Bytes>(size * sizeof(T), flush), filled});
    return reinterpret_cast<T*>(outputs_.back().bytes->data());
  }

 private:
  using Bytes = GuardedBuffer<unsigned char>;
  struct Output {
    std::unique_ptr<Bytes> bytes;
    unsigned char filled;
  };
  std::vector<Output> outputs_;
};

/// A call that is typical of its kernel; the name says of what size.
struct Work {
  std::string name;
  std::shared_ptr<Call> call;
};

using Visit = std::function<void(Call&)>;

struct Case {
  std::string_view kernel;  ///< its name in ROSTRO_KERNELS
  /// Visits calls of every kind: sizes across every vector tail, random and adversarial numbers,
  /// buffers that begin or end at pages which fault.
  void (*check)(std::mt19937& random, const Visit& visit);
  std::vector<Work> (*works)(std::mt19937& random);
};

/// The cases of each topic, in the order in which reports list them.
std::vector<Case> letterbox_cases();
std::vector<Case> yuv_cases();
std::vector<Case> align_cases();
std::vector<Case> decode_cases();
std::vector<Case> nms_cases();
std::vector<Case> quantize_cases();
std::vector<Case> match_cases();
std::vector<Case> pose_cases();
std::vector<Case> quality_cases();

/// All of them.
std::vector<Case> cases();

/// Which function a table has for the kernel of this name: equal where levels share it, null where
/// there is no such kernel.
using AnyKernel = void();
AnyKernel* kernel_of(const KernelTable& table, std::string_view name);

/// Appends numbers to a result; NaN are all alike.
template <typename T>
void append(std::vector<double>& result, const T* numbers, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    const auto number = static_cast<double>(numbers[i]);
    result.push_back(std::isnan(number) ? std::nan("") : number);
  }
}

/// "name 1, other 2"
std::string sizes(std::initializer_list<std::pair<const char*, double>> named);

/// Every size from `first` to `last`, which should cross every vector tail, and larger ones.
std::vector<std::size_t> sizes_across_tails(std::size_t first, std::size_t last,
                                            std::initializer_list<std::size_t> and_these);

/// Makes every byte 0 or 255.
void make_extreme(GuardedBuffer<unsigned char>& bytes);

}  // namespace rostro::rig
