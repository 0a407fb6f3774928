#pragma once

#include <string>

#include "support/message.hpp"

namespace rostro::python {

/// The value of an enumeration that a text names; `names` are in the order of the enumeration.
template <typename Choice, std::size_t N>
Choice choice(const char* argument, const std::string& name, const char* const (&names)[N]) {
  std::string known;
  for (std::size_t i = 0; i < N; ++i) {
    if (name == names[i]) return static_cast<Choice>(i);
    list_quoted(known, names[i]);
  }
  throw wrong(argument, quoted(name), "one of " + known + " is wanted");
}

}  // namespace rostro::python
