#pragma once

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "errors.hpp"
#include "rostro/error.hpp"
#include "rostro/types.hpp"

// NumPy arrays as they come in and go out: never cast, never copied behind the caller's back.
namespace rostro::python {

namespace py = pybind11;

/// A side of any length, written as a letter in messages.
inline constexpr py::ssize_t kAny = -1;

using Shape = std::vector<py::ssize_t>;

/// What an array is, for messages: "float64 array of shape (3, 4)".
inline std::string describe(const py::handle& object) {
  if (!py::isinstance<py::array>(object)) {
    return std::string(py::str(py::type::of(object).attr("__name__")));
  }
  const auto array = py::reinterpret_borrow<py::array>(object);
  return std::string(py::str(array.dtype())) + " array of shape " +
         std::string(py::str(array.attr("shape")));
}

inline std::string describe(const Shape& shape) {
  std::string text = "(";
  char letter = 'N';
  for (std::size_t i = 0; i < shape.size(); ++i) {
    text += i == 0 ? "" : ", ";
    text += shape[i] == kAny ? std::string(1, letter++) : std::to_string(shape[i]);
  }
  return text + (shape.size() == 1 ? ",)" : ")");
}

inline bool has_shape(const py::array& array, const Shape& shape) {
  if (array.ndim() != static_cast<py::ssize_t>(shape.size())) return false;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] != kAny && shape[i] != array.shape(static_cast<py::ssize_t>(i))) return false;
  }
  return true;
}

/// Throws what is wrong with `object`, which is not wanted as it is.
[[noreturn]] inline void refuse(const py::handle& object, const std::string& name,
                                const std::string& dtype, bool right_type, bool right_shape,
                                std::initializer_list<Shape> shapes) {
  std::string wanted = "; a C-contiguous " + dtype + " array of shape ";
  for (const Shape& shape : shapes)
    wanted += (&shape == shapes.begin() ? "" : " or ") + describe(shape);
  wanted += " is wanted";
  const std::string got = name + ": got " + describe(object);
  if (!py::isinstance<py::array>(object)) throw InvalidType(got + wanted);
  if (!right_type) throw InvalidType(got + wanted + " (convert with .astype(np." + dtype + "))");
  if (!right_shape) throw InvalidArgument(got + wanted);
  throw InvalidArgument(got + ", not C-contiguous" + wanted +
                        " (make one with np.ascontiguousarray)");
}

/// The array `object` of exactly this type, shape (one of several) and C-contiguous layout.
template <typename T>
py::array_t<T> input_array(const py::handle& object, const char* name,
                           std::initializer_list<Shape> shapes) {
  const bool right_type = py::isinstance<py::array_t<T>>(object);
  bool right_shape = false;
  if (right_type) {
    const auto array = py::reinterpret_borrow<py::array_t<T>>(object);
    for (const Shape& shape : shapes) right_shape = right_shape || has_shape(array, shape);
    if (right_shape && (array.flags() & py::array::c_style) != 0) return array;
  }
  refuse(object, name, py::str(py::dtype::of<T>()), right_type, right_shape, shapes);
}

/// `out` where the caller gave one, checked; a new array otherwise.
template <typename T>
py::array_t<T> output_array(const py::object& out, const Shape& shape) {
  if (out.is_none()) return py::array_t<T>(shape);
  py::array_t<T> array = input_array<T>(out, "out", {shape});
  if (!array.writeable())
    throw InvalidArgument("out: got a read-only array; a writable one is wanted");
  return array;
}

/// The points of (..., 2) numbers.
inline const Point* points_of(const py::array_t<float>& array) {
  return reinterpret_cast<const Point*>(array.data());
}

/// A copy of `values` as an array of this shape.
template <typename T>
py::array_t<T> new_array(const std::vector<T>& values, const Shape& shape) {
  py::array_t<T> array(shape);  // given the values, it would make two arrays
  std::copy(values.begin(), values.end(), array.mutable_data());
  return array;
}

}  // namespace rostro::python
