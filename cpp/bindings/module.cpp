#include <pybind11/pybind11.h>

#include "bindings.hpp"
#include "errors.hpp"

PYBIND11_MODULE(_core, module) {
  using namespace rostro::python;
  module.doc() = "The C++ core of rostro. Use the functions of the package instead.";
  module.attr("__version__") = ROSTRO_VERSION;
  translate_errors();
  bind_align(module);
  bind_box_matching(module);
  bind_decode(module);
  bind_detector(module);
  bind_embedder(module);
  bind_faces(module);
  bind_geometry(module);
  bind_letterbox(module);
  bind_match(module);
  bind_nms(module);
  bind_simd(module);
  bind_verification(module);
}
