#include "bindings.hpp"
#include "choice.hpp"
#include "faces.hpp"
#include "images.hpp"
#include "rostro/quality.hpp"

namespace rostro::python {

namespace {

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

/// The columns that are added.
py::dict measure(const Quality& task, const py::object& image, const std::string& color,
                 const py::sequence& columns, const std::string& scheme) {
  const HeldImage pixels = held_image(image, pixel_format(color));
  Faces faces = table_of(columns);
  faces.scheme = scheme;
  Faces added;
  {
    const py::gil_scoped_release unlocked;
    added = task.measure(pixels, faces);
  }
  return columns_of(added);
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
