#pragma once

#include <string>
#include <string_view>
#include <type_traits>

#include "rostro/error.hpp"
#include "rostro/types.hpp"

// The words of every error of the core, so that all speak alike.
namespace rostro {

/// A number as it is written shortest: 0.1f is "0.1", -1e-9 is "-1e-09".
std::string text(float number);
std::string text(double number);

template <typename Integer, std::enable_if_t<std::is_integral_v<Integer>, int> = 0>
std::string text(Integer number) {
  return std::to_string(number);
}

/// "640x480"
std::string text(Size size);

/// The words themselves.
inline std::string text(std::string_view words) { return std::string(words); }

/// "\"scrfd\""
std::string quoted(std::string_view name);

/// "\"a\", \"b\""; what is there already is not said again.
void list_quoted(std::string& names, std::string_view name);

/// What to throw for an argument: "size: got 0x5; sides of 1 to 4096 pixels are wanted".
template <typename Got>
InvalidArgument wrong(std::string_view argument, const Got& got, std::string_view wanted) {
  return InvalidArgument(std::string(argument) + ": got " + text(got) + "; " + std::string(wanted));
}

/// "boxes[3]"
std::string entry(std::string_view argument, std::size_t index);

}  // namespace rostro
