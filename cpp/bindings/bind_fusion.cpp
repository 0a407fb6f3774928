#include "arrays.hpp"
#include "bindings.hpp"
#include "choice.hpp"
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

/// In the order of the enumeration, as cards name them.
constexpr const char* kStatistics[] = {"mean", "deviation", "least", "most"};

py::array_t<float> rows_of_set(const py::object& embeddings,
                               const std::vector<std::string>& statistics) {
  const auto rows = input_array<float>(embeddings, "embeddings", {{kAny, kAny}});
  std::vector<SetStatistic> told;
  for (const std::string& name : statistics) {
    told.push_back(choice<SetStatistic>("statistics", name, kStatistics));
  }
  const py::ssize_t length = (1 + static_cast<py::ssize_t>(told.size())) * rows.shape(1);
  py::array_t<float> out(Shape{rows.shape(0), length});
  conditional_rows(rows.data(), static_cast<std::size_t>(rows.shape(0)),
                   static_cast<std::size_t>(rows.shape(1)), told, out.mutable_data());
  return out;
}

py::object fused(const py::object& embeddings, const py::object& logits) {
  const auto rows = input_array<float>(embeddings, "embeddings", {{kAny, kAny}});
  const auto given = input_array<float>(logits, "logits", {{rows.shape(0)}});
  py::array_t<float> out(Shape{rows.shape(1)});
  if (!fuse_by_logits(rows.data(), given.data(), static_cast<std::size_t>(rows.shape(0)),
                      static_cast<std::size_t>(rows.shape(1)), out.mutable_data())) {
    return py::none();
  }
  return std::move(out);
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
  module.def("conditional_rows", &rows_of_set);
  module.def("fuse_by_logits", &fused);
}

}  // namespace rostro::python
