#include "errors.hpp"

#include <pybind11/pybind11.h>

#include "rostro/error.hpp"

namespace py = pybind11;

namespace rostro::python {

namespace {

void raise(const char* name, const char* message) {
  const py::object type = py::module_::import("rostro.errors").attr(name);
  PyErr_SetString(type.ptr(), message);
}

}  // namespace

void translate_errors() {
  py::register_local_exception_translator([](std::exception_ptr pointer) {
    try {
      if (pointer) std::rethrow_exception(pointer);
    } catch (const InvalidType& error) {
      raise("ArgumentTypeError", error.what());
    } catch (const InvalidArgument& error) {
      raise("ArgumentError", error.what());
    } catch (const ModelMismatch& error) {
      raise("ModelError", error.what());
    } catch (const NetworkError& error) {
      raise("EngineError", error.what());
    }
  });
}

}  // namespace rostro::python
