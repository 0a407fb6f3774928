#include "support/message.hpp"

#include <cstdio>
#include <cstdlib>

namespace rostro {

namespace {

/// With as few digits as tell the number from its neighbours.
template <typename Number>
std::string shortest(Number number, int most, Number (*parse)(const char*, char**)) {
  char buffer[40];
  for (int digits = 6; digits <= most; ++digits) {
    std::snprintf(buffer, sizeof buffer, "%.*g", digits, static_cast<double>(number));
    if (parse(buffer, nullptr) == number) break;
  }
  return buffer;
}

}  // namespace

std::string text(float number) { return shortest(number, 9, &std::strtof); }

std::string text(double number) { return shortest(number, 17, &std::strtod); }

std::string text(Size size) { return text(size.width) + "x" + text(size.height); }

std::string quoted(std::string_view name) { return "\"" + std::string(name) + "\""; }

void list_quoted(std::string& names, std::string_view name) {
  const std::string added = quoted(name);
  if (names.find(added) != std::string::npos) return;
  names += (names.empty() ? "" : ", ") + added;
}

std::string entry(std::string_view argument, std::size_t index) {
  return std::string(argument) + "[" + text(index) + "]";
}

}  // namespace rostro
