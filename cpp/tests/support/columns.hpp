#pragma once

#include <vector>

#include "rostro/faces.hpp"

namespace rostro {

/// The numbers of a column of floats; none where nobody set it.
inline std::vector<float> numbers(const Faces& faces, const Column& column) {
  std::vector<float> result;
  faces.each([&](const Faces::Entry& entry) {
    if (entry.column.name == column.name) result = std::get<std::vector<float>>(entry.numbers);
  });
  return result;
}

}  // namespace rostro
