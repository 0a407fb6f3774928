#include "bindings.hpp"
#include "faces.hpp"
#include "images.hpp"
#include "outputs.hpp"
#include "rostro/detector.hpp"
#include "support/message.hpp"

namespace rostro::python {

namespace {

using Pair = std::pair<int, int>;
using Six = std::array<float, 6>;

Size size_of(const Pair& pair) { return {pair.first, pair.second}; }

std::unique_ptr<Detector> make_detector(
    const std::string& name, const std::string& head,
    const std::vector<std::string>& network_outputs, const std::vector<std::string>& outputs,
    const std::string& channels, const std::array<float, 3>& mean, const std::array<float, 3>& std,
    std::uint8_t pad, float score_threshold, float nms_threshold, std::size_t top_k, bool weighted,
    int step, const Pair& only, const std::vector<Pair>& sizes, float scale, int longest,
    const std::optional<Pair>& tile, int overlap, const Six& pose_mean, const Six& pose_std) {
  DetectorSettings settings;
  settings.name = name;
  settings.head = head;
  settings.network_outputs = network_outputs;
  settings.outputs = outputs;
  settings.input = {channel_order(channels), mean, std};
  settings.pad = pad;
  settings.score_threshold = score_threshold;
  settings.nms_threshold = nms_threshold;
  settings.top_k = top_k;
  settings.nms = weighted ? NmsMethod::weighted : NmsMethod::hard;
  settings.sizes.only = size_of(only);
  for (const Pair& size : sizes) settings.sizes.sizes.push_back(size_of(size));
  settings.sizes.scale = scale;
  settings.sizes.longest = longest;
  settings.sizes.step = step;
  settings.poses = {pose_mean, pose_std};
  if (tile) settings.tiling = Tiling{size_of(*tile), overlap};
  return std::make_unique<Detector>(std::move(settings));
}

py::array_t<float> prepare_detector(const Detector& detector, const py::object& image,
                                    const std::string& color, const DetectorView& view,
                                    const py::object& out) {
  const HeldImage pixels = held_image(image, pixel_format(color));
  auto tensor = output_array<float>(out, {1, 3, view.input.height, view.input.width});
  float* data = tensor.mutable_data();
  {
    const py::gil_scoped_release unlocked;
    detector.prepare(pixels, view, data);
  }
  return tensor;
}

Faces finish_detector(const Detector& detector, const DetectorView& view,
                      const py::sequence& outputs) {
  const Outputs given(outputs);
  const py::gil_scoped_release unlocked;
  return detector.finish(view, given.views);
}

py::dict join(const Detector& detector, std::vector<Faces> parts) {
  Faces faces;
  {
    const py::gil_scoped_release unlocked;
    faces = detector.join(std::move(parts));
  }
  return columns_of(faces);
}

std::optional<Turn> turn_of_degrees(const std::optional<int>& degrees) {
  if (!degrees) return {};
  for (const Turn turn : {Turn::none, Turn::quarter, Turn::half, Turn::three_quarters}) {
    if (*degrees == 90 * static_cast<int>(turn)) return turn;
  }
  throw wrong("turn", *degrees, "0, 90, 180 or 270 degrees are wanted");
}

}  // namespace

void bind_detector(py::module_& module) {
  py::class_<Faces>(module, "FaceTable");
  py::class_<DetectorView>(module, "DetectorView")
      .def_property_readonly("input",
                             [](const DetectorView& view) {
                               return py::make_tuple(view.input.width, view.input.height);
                             })
      .def_property_readonly("box", [](const DetectorView& view) {
        return py::make_tuple(view.left, view.top, view.left + view.size.width,
                              view.top + view.size.height);
      });
  py::class_<Detector>(module, "DetectorTask")
      .def(py::init(&make_detector), py::kw_only(), py::arg("name"), py::arg("head"),
           py::arg("network_outputs"), py::arg("outputs"), py::arg("channels"), py::arg("mean"),
           py::arg("std"), py::arg("pad"), py::arg("score_threshold"), py::arg("nms_threshold"),
           py::arg("top_k"), py::arg("weighted"), py::arg("step"), py::arg("only") = Pair{0, 0},
           py::arg("sizes") = std::vector<Pair>{}, py::arg("scale") = 0.0f,
           py::arg("longest") = 640, py::arg("tile") = py::none(), py::arg("overlap") = 0,
           py::arg("pose_mean") = PoseScale{}.mean, py::arg("pose_std") = PoseScale{}.std)
      .def(
          "views",
          [](const Detector& detector, const py::object& image, const std::string& color,
             const std::optional<int>& turn) {
            return detector.views(held_image(image, pixel_format(color)), turn_of_degrees(turn));
          },
          py::arg("image"), py::arg("color"), py::arg("turn") = py::none())
      .def("prepare", &prepare_detector)
      .def("finish", &finish_detector)
      .def("join", &join);
  module.attr("sure_score") = kSureScore;
  module.def("turn_back", [](const py::sequence& columns, int degrees, const Pair& image) {
    Faces faces = table_of(columns);
    turn_back(faces, *turn_of_degrees(degrees), size_of(image));
    return columns_of(faces);
  });
  module.def("uprightness",
             [](const py::sequence& columns) { return uprightness(table_of(columns)); });
}

}  // namespace rostro::python
