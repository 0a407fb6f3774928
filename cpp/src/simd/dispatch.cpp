#include "simd/dispatch.hpp"

#include <atomic>
#include <cstdlib>
#include <string>

#include "kernels/levels.hpp"
#include "rostro/error.hpp"
#include "simd/cpu_features.hpp"
#include "support/message.hpp"

namespace rostro {

namespace {

struct Entry {
  simd::Level level;
  KernelTable table;
};

/// One table a level, each the one before it with that level's kernels laid over.
std::vector<Entry> build_tables() {
  std::vector<Entry> entries;
  KernelTable table{};
  const auto add = [&](simd::Level level, void (*fill)(KernelTable&)) {
    fill(table);
    entries.push_back({level, table});
  };
  [[maybe_unused]] const CpuFeatures cpu = cpu_features();
  add(simd::Level::scalar, scalar::fill);
#ifdef ROSTRO_HAVE_AVX2
  if (cpu.avx2) add(simd::Level::avx2, avx2::fill);
#endif
#ifdef ROSTRO_HAVE_AVXVNNI
  if (cpu.avxvnni) add(simd::Level::avxvnni, avxvnni::fill);
#endif
#ifdef ROSTRO_HAVE_AVX512VNNI
  // Not all of these CPUs have avxvnni, of which nothing is left then: all its kernels are
  // replaced.
  if (cpu.avx2 && cpu.avx512vnni) add(simd::Level::avx512vnni, avx512vnni::fill);
#endif
#ifdef ROSTRO_HAVE_NEON
  if (cpu.neon) add(simd::Level::neon, neon::fill);
#endif
#ifdef ROSTRO_HAVE_NEON_DOTPROD
  if (cpu.neon && cpu.dotprod) add(simd::Level::neon_dotprod, neon_dotprod::fill);
#endif
#ifdef ROSTRO_HAVE_NEON_I8MM
  if (cpu.neon && cpu.dotprod && cpu.i8mm) add(simd::Level::neon_i8mm, neon_i8mm::fill);
#endif
  return entries;
}

const std::vector<Entry>& tables() {
  static const std::vector<Entry> entries = build_tables();
  return entries;
}

const Entry& entry_of(std::string_view what, std::string_view level_name) {
  std::string known;
  for (const Entry& candidate : tables()) {
    if (simd::name(candidate.level) == level_name) return candidate;
    list_quoted(known, simd::name(candidate.level));
  }
  throw wrong(what, quoted(level_name), "one of " + known + " is wanted, which run here");
}

const Entry& initial_entry() {
  const char* forced = std::getenv("ROSTRO_SIMD");
  if (forced == nullptr || *forced == '\0') return tables().back();
  return entry_of("environment variable ROSTRO_SIMD", forced);
}

std::atomic<const Entry*>& active() {
  static std::atomic<const Entry*> current{&initial_entry()};
  return current;
}

}  // namespace

const KernelTable& kernels() { return active().load(std::memory_order_acquire)->table; }

const KernelTable& kernels(simd::Level level) { return entry_of("level", simd::name(level)).table; }

namespace simd {

std::string_view name(Level level) {
  switch (level) {
    case Level::scalar:
      return "scalar";
    case Level::avx2:
      return "avx2";
    case Level::avxvnni:
      return "avxvnni";
    case Level::avx512vnni:
      return "avx512vnni";
    case Level::neon:
      return "neon";
    case Level::neon_dotprod:
      return "neon_dotprod";
    case Level::neon_i8mm:
      return "neon_i8mm";
  }
  return "unknown";
}

std::vector<Level> levels() {
  std::vector<Level> result;
  for (const Entry& candidate : tables()) result.push_back(candidate.level);
  return result;
}

std::vector<std::string_view> features() {
  const CpuFeatures cpu = cpu_features();
  std::vector<std::string_view> result;
  const auto add = [&](bool there, std::string_view name) {
    if (there) result.push_back(name);
  };
  add(cpu.avx2, "avx2");
  add(cpu.avxvnni, "avxvnni");
  add(cpu.avx512vnni, "avx512vnni");
  add(cpu.neon, "neon");
  add(cpu.fp16, "fp16");
  add(cpu.dotprod, "dotprod");
  add(cpu.i8mm, "i8mm");
  return result;
}

Level level() { return active().load(std::memory_order_acquire)->level; }

void use(Level level) {
  active().store(&entry_of("level", name(level)), std::memory_order_release);
}

Level find(std::string_view level_name) { return entry_of("level", level_name).level; }

}  // namespace simd

}  // namespace rostro
