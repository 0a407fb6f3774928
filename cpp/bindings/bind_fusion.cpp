#include "arrays.hpp"
#include "bindings.hpp"
#include "rostro/fusion.hpp"
#include "support/message.hpp"

namespace rostro::python {

namespace {

/// Adds rows, all of them or, where one cannot be used, none.
template <typename Template>
void add(Template& fused, const py::object& embeddings, const py::object& weights) {
  const auto dim = static_cast<py::ssize_t>(fused.dim());
  const auto rows = input_array<float>(embeddings, "embeddings", {{kAny, dim}});
  py::array_t<float> given;
  if (!weights.is_none()) given = input_array<float>(weights, "weights", {{rows.shape(0)}});
  Template more = fused;
  for (py::ssize_t i = 0; i < rows.shape(0); ++i) {
    more.add(rows.data() + i * dim, weights.is_none() ? 1 : static_cast<double>(given.data()[i]));
  }
  fused = std::move(more);
}

template <typename Template>
py::object result(const Template& fused) {
  py::array_t<float> out(Shape{static_cast<py::ssize_t>(fused.dim())});
  if (!fused.result(out.mutable_data())) return py::none();
  return std::move(out);
}

std::unique_ptr<ClusterTemplate> make_clusters(const py::object& centers, const py::object& weights,
                                               double sharpness) {
  const auto rows = input_array<float>(centers, "centers", {{kAny, kAny}});
  std::vector<float> given;
  if (!weights.is_none()) {
    const auto array = input_array<float>(weights, "weights", {{rows.shape(0)}});
    given.assign(array.data(), array.data() + array.size());
  }
  return std::make_unique<ClusterTemplate>(
      std::vector<float>(rows.data(), rows.data() + rows.size()),
      static_cast<std::size_t>(rows.shape(1)), std::move(given), sharpness);
}

}  // namespace

void bind_fusion(py::module_& module) {
  py::class_<MeanTemplate>(module, "MeanTemplate")
      .def(py::init<std::size_t>())
      .def_property_readonly("dim", &MeanTemplate::dim)
      .def_property_readonly("weight", &MeanTemplate::weight)
      .def("add", &add<MeanTemplate>)
      .def("merge", &MeanTemplate::merge)
      .def("result", &result<MeanTemplate>);
  py::class_<ClusterTemplate>(module, "ClusterTemplate")
      .def(py::init(&make_clusters))
      .def_property_readonly("dim", &ClusterTemplate::dim)
      .def_property_readonly("masses", &ClusterTemplate::masses)
      .def("add", &add<ClusterTemplate>)
      .def("merge", &ClusterTemplate::merge)
      .def("result", &result<ClusterTemplate>);
}

}  // namespace rostro::python
