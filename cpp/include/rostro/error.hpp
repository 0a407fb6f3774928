#pragma once

#include <stdexcept>

namespace rostro {

/// Thrown by every function of the library when an argument cannot be used. The message names the
/// argument, what it is and what is wanted.
class InvalidArgument : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

}  // namespace rostro
