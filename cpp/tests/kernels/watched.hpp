#pragma once

#include "simd/dispatch.hpp"

namespace rostro::rig {

/// Calls one kernel of the table Watch::kernels() while a Watch lives.
template <typename Watch, auto member>
struct Watched;

template <typename Watch, typename Result, typename... Arguments,
          Result (*KernelTable::*member)(Arguments...)>
struct Watched<Watch, member> {
  static Result call(Arguments... arguments) {
    [[maybe_unused]] const Watch watch;
    return (Watch::kernels().*member)(arguments...);
  }
};

/// A table that watches every kernel.
template <typename Watch>
KernelTable watched() {
#define ROSTRO_WATCH(Fn, name) Watched<Watch, &KernelTable::name>::call,
  return {ROSTRO_KERNELS(ROSTRO_WATCH)};
#undef ROSTRO_WATCH
}

}  // namespace rostro::rig
