#include "bindings.hpp"
#include "faces.hpp"
#include "support/message.hpp"

namespace rostro::python {

namespace {

constexpr const char* kColumnKinds[] = {"box", "points", "value"};
constexpr const char* kTypes[] = {"float32", "int64", "uint32",
                                  "uint8"};  // as ColumnType numbers them

ColumnKind kind_of(const std::string& name) {
  for (std::size_t i = 0; i < std::size(kColumnKinds); ++i) {
    if (name == kColumnKinds[i]) return static_cast<ColumnKind>(i);
  }
  throw wrong("kind", quoted(name), "\"box\", \"points\" or \"value\" is wanted");
}

/// Copies a column whose numbers are of type T; false where they are not.
template <typename T>
bool copied_column(Faces& faces, const std::string& name, const std::string& kind,
                   const py::array& array, ColumnType type) {
  if (!py::isinstance<py::array_t<T>>(array)) return false;
  const auto from =
      input_array<T>(array, name.c_str(), {Shape(array.shape(), array.shape() + array.ndim())});
  std::vector<int> sides;
  for (py::ssize_t i = 1; i < array.ndim(); ++i) sides.push_back(static_cast<int>(array.shape(i)));
  const Column column{name, name, kind_of(kind), type, std::vector<int>(sides.size(), kAnySide)};
  std::copy(from.data(), from.data() + from.size(), faces.add<T>(column, sides));
  return true;
}

void copy_column(Faces& faces, const std::string& name, const std::string& kind,
                 const py::array& array) {
  if (array.ndim() < 1 || array.shape(0) != static_cast<py::ssize_t>(faces.size())) {
    throw wrong(name, std::string_view(describe(array)),
                "an entry for each of " + text(faces.size()) + " faces is wanted");
  }
  if (!copied_column<float>(faces, name, kind, array, ColumnType::float32) &&
      !copied_column<std::int64_t>(faces, name, kind, array, ColumnType::int64) &&
      !copied_column<std::uint32_t>(faces, name, kind, array, ColumnType::uint32) &&
      !copied_column<std::uint8_t>(faces, name, kind, array, ColumnType::uint8)) {
    throw InvalidType(name + ": got " + describe(array) +
                      "; float32, int64, uint32 or uint8 is wanted");
  }
}

py::list declared_columns() {
  py::list result;
  for (const Column& column : columns::all()) {
    result.append(py::make_tuple(
        column.name, column.one, kColumnKinds[static_cast<int>(column.kind)],
        kTypes[static_cast<int>(column.type)], py::tuple(py::cast(column.sides)), column.decimals));
  }
  return result;
}

/// The columns moved by a 2x3 transform.
py::dict mapped(const py::sequence& columns, const py::object& transform) {
  Faces faces = table_of(columns);
  const auto matrix = input_array<float>(transform, "transform", {{2, 3}});
  Affine affine;
  std::copy(matrix.data(), matrix.data() + 6, affine.m);
  faces.map(affine);
  return columns_of(faces);
}

}  // namespace

py::dict columns_of(const Faces& faces) {
  py::dict result;
  faces.each([&](const Faces::Entry& entry) {
    Shape shape{static_cast<py::ssize_t>(faces.size())};
    shape.insert(shape.end(), entry.sides.begin(), entry.sides.end());
    std::visit(
        [&](const auto& numbers) { result[entry.column.name.c_str()] = new_array(numbers, shape); },
        entry.numbers);
  });
  return result;
}

Faces table_of(const py::sequence& columns) {
  Faces faces;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto [name, kind, array] =
        columns[i].cast<std::tuple<std::string, std::string, py::array>>();
    if (i == 0) faces.reset(array.ndim() < 1 ? 0 : static_cast<std::size_t>(array.shape(0)));
    copy_column(faces, name, kind, array);
  }
  return faces;
}

void bind_faces(py::module_& module) {
  module.def("columns", &declared_columns);
  module.def("map_columns", &mapped);
}

}  // namespace rostro::python
