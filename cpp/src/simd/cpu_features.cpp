#include "simd/cpu_features.hpp"

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#elif defined(__aarch64__) && defined(__APPLE__)
#include <sys/sysctl.h>
#endif

namespace rostro {

#if defined(__x86_64__)

namespace {

/// CPUID leaf 7, subleaf 1, EAX bit 4. Not every compiler's run-time support knows it.
bool has_avxvnni() {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) == 0 || eax < 1) return false;
  return __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) != 0 && (eax & 1U << 4) != 0;
}

}  // namespace

CpuFeatures cpu_features() {
  // The compiler's run-time support also asks whether the operating system saves the registers.
  __builtin_cpu_init();
  CpuFeatures features;
  features.avx2 = __builtin_cpu_supports("avx2") != 0;
  features.avxvnni = features.avx2 && has_avxvnni();  // the registers are those of AVX2
  features.avx512vnni =
      __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
      __builtin_cpu_supports("avx512dq") != 0 && __builtin_cpu_supports("avx512vl") != 0 &&
      __builtin_cpu_supports("avx512vnni") != 0;
  return features;
}

#elif defined(__aarch64__) && defined(__linux__)

CpuFeatures cpu_features() {
  // The bits of the kernel's arm64 hwcap table, written out: old C libraries lack the names.
  constexpr unsigned long kAsimd = 1UL << 1;
  constexpr unsigned long kAsimdHp = 1UL << 10;
  constexpr unsigned long kAsimdDp = 1UL << 20;
  constexpr unsigned long kI8mm2 = 1UL << 13;
  const unsigned long hwcap = getauxval(AT_HWCAP);
  const unsigned long hwcap2 = getauxval(AT_HWCAP2);
  CpuFeatures features;
  features.neon = (hwcap & kAsimd) != 0;
  features.fp16 = (hwcap & kAsimdHp) != 0;
  features.dotprod = (hwcap & kAsimdDp) != 0;
  features.i8mm = (hwcap2 & kI8mm2) != 0;
  return features;
}

#elif defined(__aarch64__) && defined(__APPLE__)

namespace {

bool has(const char* name) {
  int value = 0;
  size_t size = sizeof value;
  return sysctlbyname(name, &value, &size, nullptr, 0) == 0 && value != 0;
}

}  // namespace

CpuFeatures cpu_features() {
  CpuFeatures features;
  features.neon = true;
  features.fp16 = has("hw.optional.arm.FEAT_FP16");
  features.dotprod = has("hw.optional.arm.FEAT_DotProd");
  features.i8mm = has("hw.optional.arm.FEAT_I8MM");
  return features;
}

#else

CpuFeatures cpu_features() { return {}; }

#endif

}  // namespace rostro
