// Calls every kernel of every level once, at a size that is typical, between two calls of
// count_here: tools/arm64/counts counts the instructions from one to the next. Prints what it
// calls.

#include <cstdio>

#include "kernels/case.hpp"
#include "kernels/watched.hpp"
#include "rostro/simd.hpp"

extern "C" [[gnu::noinline]] void count_here() { __asm__ volatile("" ::: "memory"); }

using namespace rostro;

namespace {

/// Nothing but the kernel is counted, whatever a case does around it.
struct Counted {
  Counted() { count_here(); }
  ~Counted() { count_here(); }
  static const KernelTable& kernels() { return *table; }
  static inline const KernelTable* table = nullptr;
};

/// Runs the work with each level that has a kernel of its own.
void count(std::string_view kernel, const rig::Work& work) {
  static const KernelTable counted = rig::watched<Counted>();
  rig::AnyKernel* previous = nullptr;
  for (const simd::Level level : simd::levels()) {
    const KernelTable& table = kernels(level);
    rig::AnyKernel* own = rig::kernel_of(table, kernel);
    if (own == previous) continue;
    previous = own;
    std::printf("%s|%s\n", work.name.c_str(), std::string(simd::name(level)).c_str());
    Counted::table = &table;
    work.call->prepare(table);
    work.call->run(counted);
  }
}

}  // namespace

int main() {
  std::puts("nothing|");
  count_here();
  count_here();
  std::mt19937 random(1);
  for (const rig::Case& test : rig::cases()) {
    for (const rig::Work& work : test.works(random)) count(test.kernel, work);
  }
}
