#pragma once

#include <vector>

#include "arrays.hpp"
#include "rostro/decode.hpp"

namespace rostro::python {

/// A network's outputs as views, and the arrays that these look into.
struct Outputs {
  explicit Outputs(const py::sequence& outputs) {
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const std::string name = "outputs[" + std::to_string(i) + "]";
      arrays.push_back(input_array<float>(
          py::object(outputs[i]), name.c_str(),
          {{kAny, kAny}, {1, kAny, kAny}, {kAny, kAny, kAny}, {1, kAny, kAny, kAny}}));
      const auto& array = arrays.back();
      const py::ssize_t last = array.ndim() - 1;
      const auto side = [&](py::ssize_t axis) {
        return axis < 0 ? 1 : static_cast<std::size_t>(array.shape(axis));
      };
      views.push_back({array.data(), side(last - 1), side(last), side(last - 2)});
    }
  }

  std::vector<OutputView> views;
  std::vector<py::array_t<float>> arrays;
};

/// An output of a network, of any number of sides; none of None.
struct AnyOutput {
  AnyOutput(const py::object& object, const char* name) {
    if (object.is_none()) return;
    array = input_array<float>(
        object, name, {{kAny}, {kAny, kAny}, {kAny, kAny, kAny}, {kAny, kAny, kAny, kAny}});
    const bool maps = array.ndim() == 4;
    view.data = array.data();
    view.rows = maps ? static_cast<std::size_t>(array.shape(2)) : 1;
    view.columns = maps ? static_cast<std::size_t>(array.shape(3)) : 1;
    const std::size_t of_map = view.rows * view.columns;
    view.planes = of_map == 0 ? 0 : static_cast<std::size_t>(array.size()) / of_map;
  }

  py::array_t<float> array;
  OutputView view;
};

}  // namespace rostro::python
