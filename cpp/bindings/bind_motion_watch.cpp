#include "arrays.hpp"
#include "bindings.hpp"
#include "images.hpp"
#include "rostro/motion_watch.hpp"

namespace rostro::python {

namespace {

// The lock of the interpreter is kept: this takes a tenth of a millisecond, and a watch has one
// thread.
void see(MotionWatch& watch, const py::object& image, const std::string& color,
         const py::object& motion) {
  const HeldImage view = held_image(image, pixel_format(color));
  Affine camera;
  if (!motion.is_none()) {
    const auto array = input_array<float>(motion, "motion", {{2, 3}});
    std::copy(array.data(), array.data() + 6, camera.m);
  }
  watch.see(view, motion.is_none() ? nullptr : &camera);
}

py::array_t<float> checked(const py::object& boxes) {
  return input_array<float>(boxes, "boxes", {{kAny, 4}});
}

}  // namespace

void bind_motion_watch(py::module_& module) {
  py::class_<MotionWatch>(module, "MotionWatch")
      .def(py::init<>())
      .def("see", &see)
      .def("changed",
           [](MotionWatch& watch, const py::object& boxes) {
             const auto array = checked(boxes);
             return watch.changed(array.data(), static_cast<std::size_t>(array.shape(0)));
           })
      .def("accept", &MotionWatch::accept)
      .def("keep", [](MotionWatch& watch, const py::object& boxes) {
        const auto array = checked(boxes);
        watch.keep(array.data(), static_cast<std::size_t>(array.shape(0)));
      });
}

}  // namespace rostro::python
