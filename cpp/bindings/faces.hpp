#pragma once

#include "arrays.hpp"
#include "rostro/faces.hpp"

namespace rostro::python {

/// The columns of a table as new arrays, by name.
py::dict columns_of(const Faces& faces);

/// A table of (name, kind, array) for each column, copied; the arrays of an undeclared name may be
/// of any shape.
Faces table_of(const py::sequence& columns);

}  // namespace rostro::python
