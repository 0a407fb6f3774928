// toml++, whose 3.3 (Debian 12 has it) takes some mistakes in a text, such as "[\x0e]", for
// impossible: asserted in a debug build, undefined behavior in another one. They are errors here,
// in every build.

#pragma once

#include <stdexcept>

namespace rostro {

/// Thrown where toml++ would assert.
struct ImpossibleToml : std::runtime_error {
  using std::runtime_error::runtime_error;
};

[[noreturn]] inline void impossible_toml() { throw ImpossibleToml("not valid TOML"); }

}  // namespace rostro

#pragma push_macro("NDEBUG")
#undef NDEBUG
#define TOML_ASSERT(expected) ((expected) ? static_cast<void>(0) : rostro::impossible_toml())
#include <toml++/toml.h>
#pragma pop_macro("NDEBUG")
