#pragma once

namespace rostro {

/// What the CPU and the operating system let this process execute. Baseline code alone.
struct CpuFeatures {
  bool avx2 = false;
  bool avxvnni = false;     ///< VNNI of 256 bits
  bool avx512vnni = false;  ///< AVX-512 F, BW, DQ, VL and VNNI together
  bool neon = false;
  bool fp16 = false;  ///< NEON computes in float16; no level asks for it, but networks do
  bool dotprod = false;
  bool i8mm = false;
};

CpuFeatures cpu_features();

}  // namespace rostro
