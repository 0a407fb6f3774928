#include "arrays.hpp"
#include "bindings.hpp"
#include "rostro/rotation.hpp"

namespace rostro::python {

namespace {

/// The function with entries of an (N, from) array, to one of (N, to), both float64.
template <std::size_t from, std::size_t to, typename Convert>
py::array_t<double> each(const py::object& object, const char* name, Convert convert) {
  const auto array = input_array<double>(object, name, {{kAny, static_cast<py::ssize_t>(from)}});
  const py::ssize_t count = array.shape(0);
  py::array_t<double> result(Shape{count, static_cast<py::ssize_t>(to)});
  const double* in = array.data();
  double* out = result.mutable_data();
  const py::gil_scoped_release unlocked;
  for (py::ssize_t i = 0; i < count; ++i, in += from, out += to) {
    std::array<double, from> entry;
    std::copy(in, in + from, entry.begin());
    const std::array<double, to> converted = convert(entry);
    std::copy(converted.begin(), converted.end(), out);
  }
  return result;
}

EulerConvention convention_of(const std::array<int, 3>& order, const std::array<int, 3>& signs) {
  return {order, signs};
}

}  // namespace

void bind_rotation(py::module_& module) {
  module.def("rotation_of_angles", [](const py::object& angles, const std::array<int, 3>& order,
                                      const std::array<int, 3>& signs) {
    return each<3, 9>(angles, "angles",
                      [convention = convention_of(order, signs)](const Angles& a) {
                        return rotation_of_angles(a, convention);
                      });
  });
  module.def("angles_of_rotation", [](const py::object& rotations, const std::array<int, 3>& order,
                                      const std::array<int, 3>& signs) {
    return each<9, 3>(rotations, "rotations",
                      [convention = convention_of(order, signs)](const Matrix3& m) {
                        return angles_of_rotation(m, convention);
                      });
  });
  module.def("angle_conventions", [] {
    py::dict known;
    known["rostro"] = py::make_tuple(kOurAngles.order, kOurAngles.signs);
    known["300w-lp"] = py::make_tuple(k300wLpAngles.order, k300wLpAngles.signs);
    return known;
  });
  module.def("rotation_of_vector", [](const py::object& vectors) {
    return each<3, 9>(vectors, "vectors", rotation_of_vector);
  });
  module.def("vector_of_rotation", [](const py::object& rotations) {
    return each<9, 3>(rotations, "rotations", vector_of_rotation);
  });
  module.def("rotation_of_quaternion", [](const py::object& quaternions) {
    return each<4, 9>(quaternions, "quaternions", rotation_of_quaternion);
  });
  module.def("quaternion_of_rotation", [](const py::object& rotations) {
    return each<9, 4>(rotations, "rotations", quaternion_of_rotation);
  });
  module.def("rotation_of_6d", [](const py::object& columns) {
    return each<6, 9>(columns, "columns", rotation_of_6d);
  });
  module.def("columns_of_rotation", [](const py::object& rotations) {
    return each<9, 6>(rotations, "rotations", columns_of_rotation);
  });
  module.def("nearest_rotation", [](const py::object& matrices) {
    return each<9, 9>(matrices, "matrices", nearest_rotation);
  });
}

}  // namespace rostro::python
