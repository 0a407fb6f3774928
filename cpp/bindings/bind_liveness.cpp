#include "bindings.hpp"
#include "choice.hpp"
#include "crop_rule.hpp"
#include "faces.hpp"
#include "images.hpp"
#include "outputs.hpp"
#include "rostro/liveness.hpp"

namespace rostro::python {

namespace {

/// In the order of the enumeration.
constexpr const char* kActivations[] = {"softmax", "sigmoid", "none"};

std::unique_ptr<Liveness> make_liveness(const std::string& name, const CropRule& crop,
                                        const std::string& activation, std::size_t classes,
                                        const std::vector<std::size_t>& live) {
  LivenessSettings settings;
  settings.name = name;
  settings.crop = crop;
  settings.codec = choice<LivenessCodec>("activation", activation, kActivations);
  settings.classes = classes;
  settings.live = live;
  return std::make_unique<Liveness>(std::move(settings));
}

py::array_t<float> prepare_liveness(const Liveness& task, const py::object& image,
                                    const std::string& color, const py::sequence& columns,
                                    std::size_t begin, std::size_t count) {
  const HeldImage pixels = held_image(image, pixel_format(color));
  const Faces faces = table_of(columns);
  const CropTensor made(task.settings().crop, count);
  {
    const py::gil_scoped_release unlocked;
    task.prepare(pixels, faces, begin, count, made.data);
  }
  return made.array;
}

/// (N,) how likely each face is live.
py::array_t<float> finish_liveness(const Liveness& task, const py::object& output,
                                   std::size_t count) {
  const Outputs given(py::make_tuple(output));
  py::array_t<float> live(static_cast<py::ssize_t>(count));
  task.finish(given.views.front(), count, live.mutable_data());
  return live;
}

py::array_t<float> mean_of_live(const py::sequence& networks) {
  std::vector<std::vector<float>> all;
  py::ssize_t faces = kAny;
  for (const py::handle network : networks) {
    const auto live = input_array<float>(network, "networks", {{faces}});
    faces = live.shape(0);
    all.emplace_back(live.data(), live.data() + faces);
  }
  py::array_t<float> live(faces);
  mean_live(all, live.mutable_data());
  return live;
}

}  // namespace

void bind_liveness(py::module_& module) {
  module.def("mean_live", &mean_of_live);
  py::class_<Liveness>(module, "LivenessTask")
      .def(py::init(&make_liveness), py::kw_only(), py::arg("name"), py::arg("crop"),
           py::arg("activation"), py::arg("classes"), py::arg("live"))
      .def_property_readonly("batch", [](const Liveness&) { return Liveness::batch; })
      .def("prepare", &prepare_liveness)
      .def("finish", &finish_liveness);
}

}  // namespace rostro::python
