#include <pybind11/pybind11.h>

#include "bindings.hpp"
#include "errors.hpp"

PYBIND11_MODULE(_core_of_main_interpreter, module) {
  using namespace rostro::python;
  module.doc() = "The C++ core of rostro. Use the functions of the package instead.";
  module.attr("__version__") = ROSTRO_VERSION;
  translate_errors();
  bind_align(module);
  bind_box_matching(module);
  bind_crop_rule(module);
  bind_attributes(module);
  bind_decode(module);
  bind_detector(module);
  bind_embedder(module);
  bind_faces(module);
  bind_fusion(module);
  bind_geometry(module);
  bind_head_pose(module);
  bind_landmarker(module);
  bind_letterbox(module);
  bind_liveness(module);
  bind_match(module);
  bind_motion_watch(module);
  bind_nms(module);
  bind_pose(module);
  bind_quality(module);
  bind_quality_network(module);
  bind_rotation(module);
  bind_simd(module);
  bind_track(module);
  bind_verification(module);
}

// In a sub-interpreter of Python 3.11 pybind11 waits for ever for the GIL that it holds, before it
// runs anything of a module: so this stands in front of it.
extern "C" PYBIND11_EXPORT PyObject* PyInit__core() {
  if (PyInterpreterState_Get() != PyInterpreterState_Main()) {
    PyErr_SetString(PyExc_ImportError, "rostro runs in the main interpreter of a process alone");
    return nullptr;
  }
  return PyInit__core_of_main_interpreter();
}
