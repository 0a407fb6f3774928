#pragma once

#include <stdexcept>

namespace rostro::python {

/// An argument of the wrong type or dtype; becomes rostro.errors.ArgumentTypeError. The core's
/// InvalidArgument becomes rostro.errors.ArgumentError.
class InvalidType : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

void translate_errors();

}  // namespace rostro::python
