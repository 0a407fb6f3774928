#include <pybind11/stl.h>

#include "bindings.hpp"
#include "rostro/simd.hpp"

namespace py = pybind11;

namespace rostro::python {

namespace {

py::tuple to_tuple(const std::vector<std::string_view>& names) {
  py::tuple result(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) result[i] = names[i];
  return result;
}

}  // namespace

void bind_simd(py::module_& module) {
  module.def("simd_features", [] { return to_tuple(simd::features()); });
  module.def("simd_level", [] { return simd::name(simd::level()); });
  module.def("simd_levels", [] {
    std::vector<std::string_view> names;
    for (const simd::Level level : simd::levels()) names.push_back(simd::name(level));
    return to_tuple(names);
  });
  module.def("simd_use", [](const std::string& name) { simd::use(simd::find(name)); });
}

}  // namespace rostro::python
