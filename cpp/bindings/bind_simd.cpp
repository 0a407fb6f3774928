#include <pybind11/stl.h>

#include "bindings.hpp"
#include "rostro/simd.hpp"

namespace py = pybind11;

namespace rostro::python {

void bind_simd(py::module_& module) {
  module.def("simd_level", [] { return simd::name(simd::level()); });
  module.def("simd_levels", [] {
    py::tuple names(simd::levels().size());
    for (std::size_t i = 0; i < names.size(); ++i) names[i] = simd::name(simd::levels()[i]);
    return names;
  });
  module.def("simd_use", [](const std::string& name) { simd::use(simd::find(name)); });
}

}  // namespace rostro::python
