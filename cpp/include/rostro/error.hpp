#pragma once

#include <stdexcept>

namespace rostro {

/// Thrown by every function of the library when an argument cannot be used. The message names the
/// argument, what it got and what is wanted.
class InvalidArgument : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

/// Thrown when a network and the settings that describe it do not go together: outputs of other
/// shapes than its head's, or another number of them.
class ModelMismatch : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Thrown when the numbers that a network gave cannot be used: NaN, infinities, or such that faces
/// with coordinates like these follow from them.
class NetworkError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace rostro
