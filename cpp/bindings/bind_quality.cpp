#include "bindings.hpp"
#include "choice.hpp"
#include "faces.hpp"
#include "images.hpp"
#include "rostro/quality.hpp"

namespace rostro::python {

namespace {

/// A column that is there, as an array.
template <typename T>
py::array_t<T> array_of(const Faces& faces, const Column& column, const Shape& shape) {
  py::array_t<T> array(shape);
  std::copy_n(faces.get<T>(column), array.size(), array.mutable_data());
  return array;
}

py::array_t<float> array_of(const QualityNumbers& numbers) {
  return py::array_t<float>(Shape{static_cast<py::ssize_t>(numbers.size())}, numbers.data());
}

QualityNumbers numbers_of(const char* argument, const py::object& given) {
  const auto array =
      input_array<float>(given, argument, {{static_cast<py::ssize_t>(kQualityMeasures)}});
  QualityNumbers numbers;
  std::copy(array.data(), array.data() + array.size(), numbers.begin());
  return numbers;
}

/// (name, component of the standard, unit, whether the limit is the least, reason, limits).
py::list rules() {
  py::list result;
  for (const QualityRule& rule : quality_rules()) {
    result.append(py::make_tuple(rule.name, rule.component, rule.unit, rule.least, rule.reason,
                                 rule.enroll, rule.recognize));
  }
  return result;
}

/// The columns `quality`, `reasons` and the measured values, and the components, of which each is a
/// row in the order of the rules: an array for each would take as long to make as to measure.
py::tuple measure(const Quality& task, const py::object& image, const std::string& color,
                  const py::sequence& given, const std::string& scheme) {
  const HeldImage pixels = held_image(image, pixel_format(color));
  Faces faces = table_of(given);
  faces.scheme = scheme;
  thread_local Faces added;
  {
    const py::gil_scoped_release unlocked;
    task.measure(pixels, faces, added);
  }
  const auto count = static_cast<py::ssize_t>(added.size());
  const auto measures = static_cast<py::ssize_t>(kQualityMeasures);
  py::array_t<float> components(Shape{measures, count});
  float* row = components.mutable_data();
  for (const QualityRule& rule : quality_rules()) {
    row = std::copy_n(added.get({"attributes.quality." + std::string(rule.name), ""}), count, row);
  }
  return py::make_tuple(array_of<float>(added, columns::quality, {count}),
                        array_of<std::uint32_t>(added, columns::reasons, {count}),
                        array_of<float>(added, columns::measured, {count, measures}), components);
}

}  // namespace

void bind_quality(py::module_& module) {
  module.def("quality_rules", &rules);
  module.def("quality_components", [](const py::object& measured) {
    return array_of(quality_components(numbers_of("measured", measured)));
  });
  module.def("unified_quality", [](const py::object& measured) {
    return unified_quality(numbers_of("measured", measured));
  });
  py::class_<Quality>(module, "QualityTask")
      .def(py::init([](const py::object& limits, std::optional<std::pair<float, float>> norms) {
             std::optional<QualityRange> range;
             if (norms) range = QualityRange{norms->first, norms->second};
             return std::make_unique<Quality>(numbers_of("limits", limits), range);
           }),
           py::arg("limits"), py::arg("norms") = py::none())
      .def("measure", &measure);
}

}  // namespace rostro::python
