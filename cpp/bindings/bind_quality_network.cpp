#include "bindings.hpp"
#include "choice.hpp"
#include "crop_rule.hpp"
#include "faces.hpp"
#include "images.hpp"
#include "outputs.hpp"
#include "rostro/quality_network.hpp"

namespace rostro::python {

namespace {

using Range = std::pair<float, float>;

/// In the order of the enumeration.
constexpr const char* kFrames[] = {"eyes", "box"};

std::unique_ptr<QualityNetwork> make_network(const std::string& name, const CropRule& crop,
                                             const std::string& crop_template, const Range& range) {
  return std::make_unique<QualityNetwork>(
      QualityNetworkSettings{name, crop_template, crop, {range.first, range.second}});
}

py::array_t<float> prepare_quality_network(const QualityNetwork& network, const py::object& image,
                                           const std::string& color, const py::sequence& columns,
                                           std::size_t begin, std::size_t count) {
  const HeldImage pixels = held_image(image, pixel_format(color));
  const Faces faces = table_of(columns);
  const CropTensor made(network.settings().crop, count);
  {
    const py::gil_scoped_release unlocked;
    network.prepare(pixels, faces, begin, count, made.data);
  }
  return made.array;
}

py::array_t<float> finish_quality_network(const QualityNetwork& network, const py::object& output,
                                          std::size_t count) {
  const Outputs given(py::make_tuple(output));
  py::array_t<float> quality(Shape{static_cast<py::ssize_t>(count)});
  network.finish(given.views.front(), count, quality.mutable_data());
  return quality;
}

py::array_t<float> scaled(const py::object& numbers, const Range& range) {
  const auto given = input_array<float>(numbers, "numbers", {{kAny}});
  const QualityRange wanted = {range.first, range.second};
  check_quality_range(wanted);
  py::array_t<float> quality(Shape{given.shape(0)});
  scale_quality(given.data(), static_cast<std::size_t>(given.shape(0)), wanted,
                quality.mutable_data());
  return quality;
}

py::array_t<float> center(const py::object& embeddings) {
  const auto rows = input_array<float>(embeddings, "embeddings", {{kAny, kAny}});
  return new_array(center_of_embeddings(rows.data(), static_cast<std::size_t>(rows.shape(0)),
                                        static_cast<std::size_t>(rows.shape(1))),
                   {rows.shape(1)});
}

py::array_t<float> distances(const py::object& embeddings, const py::object& to) {
  const auto middle = input_array<float>(to, "center", {{kAny}});
  const auto rows = input_array<float>(embeddings, "embeddings", {{kAny, middle.shape(0)}});
  py::array_t<float> result(Shape{rows.shape(0)});
  distances_to_center(rows.data(), static_cast<std::size_t>(rows.shape(0)),
                      static_cast<std::size_t>(rows.shape(1)), middle.data(),
                      result.mutable_data());
  return result;
}

py::array_t<std::uint8_t> halves(const py::object& crops) {
  const auto pixels = input_array<std::uint8_t>(crops, "crops", {{kAny, kAny, kAny, 3}});
  const Size size = {static_cast<int>(pixels.shape(2)), static_cast<int>(pixels.shape(1))};
  py::array_t<std::uint8_t> result(Shape{2 * pixels.shape(0), size.height, size.width, 3});
  std::uint8_t* to = result.mutable_data();
  {
    const py::gil_scoped_release unlocked;
    mirror_halves(pixels.data(), static_cast<std::size_t>(pixels.shape(0)), size, to);
  }
  return result;
}

py::array_t<float> similarities(const py::object& embeddings) {
  const auto rows = input_array<float>(embeddings, "embeddings", {{kAny, kAny}});
  if (rows.shape(0) % 2 != 0) {
    throw wrong("embeddings", text(rows.shape(0)) + " rows", "pairs of rows are wanted");
  }
  py::array_t<float> result(Shape{rows.shape(0) / 2});
  pair_similarities(rows.data(), static_cast<std::size_t>(rows.shape(0) / 2),
                    static_cast<std::size_t>(rows.shape(1)), result.mutable_data());
  return result;
}

py::array_t<float> features(const std::string& frame, const py::object& points,
                            const py::object& landmarks, const py::object& boxes, bool unit) {
  const auto of = choice<PointFrame>("frame", frame, kFrames);
  const auto given = input_array<float>(points, "points", {{kAny, kAny, 2}, {kAny, kAny, 3}});
  const auto five = input_array<float>(landmarks, "landmarks", {{given.shape(0), kLandmarks, 2}});
  const auto around = input_array<float>(boxes, "boxes", {{given.shape(0), 4}});
  py::array_t<float> result(Shape{given.shape(0), 2 * given.shape(1) + (unit ? 1 : 0)});
  point_features(of, given.data(), static_cast<std::size_t>(given.shape(0)),
                 static_cast<std::size_t>(given.shape(1)), static_cast<std::size_t>(given.shape(2)),
                 reinterpret_cast<const Point*>(five.data()), around.data(), unit,
                 result.mutable_data());
  return result;
}

}  // namespace

void bind_quality_network(py::module_& module) {
  module.def("scale_quality", &scaled);
  module.def("center_of_embeddings", &center);
  module.def("distances_to_center", &distances);
  module.def("mirror_halves", &halves);
  module.def("pair_similarities", &similarities);
  module.def("point_features", &features);
  py::class_<QualityNetwork>(module, "QualityNetworkTask")
      .def(py::init(&make_network), py::kw_only(), py::arg("name"), py::arg("crop"),
           py::arg("crop_template"), py::arg("range"))
      .def_property_readonly("batch", [](const QualityNetwork&) { return QualityNetwork::batch; })
      .def("prepare", &prepare_quality_network)
      .def("finish", &finish_quality_network);
}

}  // namespace rostro::python
