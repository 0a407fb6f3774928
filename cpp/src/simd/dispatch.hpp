#pragma once

#include "kernels/kernels.hpp"
#include "rostro/simd.hpp"

namespace rostro {

/// The kernels of the level in use. Take the reference once a call, so that a call runs on one
/// level.
const KernelTable& kernels();

/// The kernels of one available level, for tests and benchmarks that compare levels.
const KernelTable& kernels(simd::Level level);

}  // namespace rostro
