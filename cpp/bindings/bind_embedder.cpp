#include "bindings.hpp"
#include "choice.hpp"
#include "faces.hpp"
#include "images.hpp"
#include "outputs.hpp"
#include "rostro/embedder.hpp"

namespace rostro::python {

namespace {

/// In the order of the enumeration.
constexpr const char* kTokens[] = {"", "class", "mean", "patches"};

using FivePoints = std::array<std::array<float, 2>, kLandmarks>;

std::unique_ptr<Embedder> make_embedder(const std::string& name, std::size_t dim,
                                        std::pair<int, int> size, const std::string& crop_template,
                                        bool flip, bool landmarks, const std::string& channels,
                                        const std::array<float, 3>& mean,
                                        const std::array<float, 3>& std, const std::string& token,
                                        const std::optional<FivePoints>& own_template) {
  EmbedderSettings settings;
  settings.name = name;
  settings.dim = dim;
  settings.size = {size.first, size.second};
  settings.crop_template = crop_template;
  settings.flip = flip;
  settings.landmarks = landmarks;
  settings.input = {channel_order(channels), mean, std};
  settings.token = choice<EmbeddingToken>("token", token, kTokens);
  if (own_template) {
    settings.own_template.emplace();
    for (std::size_t i = 0; i < kLandmarks; ++i) {
      settings.own_template->points[i] = {(*own_template)[i][0], (*own_template)[i][1]};
    }
  }
  return std::make_unique<Embedder>(std::move(settings));
}

/// The two inputs of a network, for so many faces; no second where it takes none.
struct Inputs {
  Inputs(const Embedder& embedder, std::size_t faces)
      : tensor(Shape{rows(embedder, faces), 3, embedder.settings().size.height,
                     embedder.settings().size.width}) {
    if (embedder.settings().landmarks) {
      points = py::array_t<float>(Shape{rows(embedder, faces), kLandmarks, 2});
      points_data = points.mutable_data();
    }
    tensor_data = tensor.mutable_data();
  }

  static py::ssize_t rows(const Embedder& embedder, std::size_t faces) {
    return static_cast<py::ssize_t>(embedder.rows(faces));
  }

  py::tuple result() const {
    const py::object second = points_data == nullptr ? py::object(py::none()) : py::object(points);
    return py::make_tuple(tensor, second);
  }

  py::array_t<float> tensor;
  py::array_t<float> points;
  float* tensor_data = nullptr;
  float* points_data = nullptr;
};

py::tuple prepare_embedder(const Embedder& embedder, const py::object& image,
                           const std::string& color, const py::sequence& columns, std::size_t begin,
                           std::size_t count) {
  const HeldImage pixels = held_image(image, pixel_format(color));
  const Faces faces = table_of(columns);
  const Inputs inputs(embedder, count);
  {
    const py::gil_scoped_release unlocked;
    embedder.prepare(pixels, faces, begin, count, inputs.tensor_data, inputs.points_data);
  }
  return inputs.result();
}

py::tuple prepare_crops(const Embedder& embedder, const py::object& crops,
                        const std::string& channels, const py::object& landmarks, std::size_t begin,
                        std::size_t count) {
  const Size size = embedder.settings().size;
  const auto pixels =
      input_array<std::uint8_t>(crops, "crops", {{kAny, size.height, size.width, 3}});
  const auto bytes = static_cast<std::size_t>(3 * size.width * size.height);
  const ChannelOrder order = channel_order(channels);
  const Point* points = nullptr;
  py::array_t<float> array;
  if (embedder.settings().landmarks) {
    array = input_array<float>(landmarks, "landmarks", {{pixels.shape(0), kLandmarks, 2}});
    points = reinterpret_cast<const Point*>(array.data()) + kLandmarks * begin;
  }
  const Inputs inputs(embedder, count);
  {
    const py::gil_scoped_release unlocked;
    embedder.prepare_crops(pixels.data() + bytes * begin, count, order, points, inputs.tensor_data,
                           inputs.points_data);
  }
  return inputs.result();
}

py::array_t<std::uint8_t> crops(const Embedder& embedder, const py::object& image,
                                const std::string& color, const py::sequence& columns,
                                const std::string& channels) {
  const HeldImage pixels = held_image(image, pixel_format(color));
  const ChannelOrder order = channel_order(channels);
  const Faces faces = table_of(columns);
  const Size size = embedder.settings().size;
  py::array_t<std::uint8_t> result(
      Shape{static_cast<py::ssize_t>(faces.size()), size.height, size.width, 3});
  std::uint8_t* data = result.mutable_data();
  {
    const py::gil_scoped_release unlocked;
    embedder.crops(pixels, faces, order, data);
  }
  return result;
}

py::tuple finish_embedder(const Embedder& embedder, const py::object& output, std::size_t count) {
  const Outputs given(py::make_tuple(output));
  const auto n = static_cast<py::ssize_t>(count);
  py::array_t<float> embeddings(Shape{n, static_cast<py::ssize_t>(embedder.settings().dim)});
  py::array_t<float> norms(Shape{n});
  float* to = embeddings.mutable_data();
  float* norms_data = norms.mutable_data();
  {
    const py::gil_scoped_release unlocked;
    embedder.finish(given.views.front(), count, to, norms_data);
  }
  return py::make_tuple(embeddings, norms);
}

}  // namespace

void bind_embedder(py::module_& module) {
  py::class_<Embedder>(module, "EmbedderTask")
      .def(py::init(&make_embedder), py::kw_only(), py::arg("name"), py::arg("dim"),
           py::arg("size"), py::arg("crop_template"), py::arg("flip"), py::arg("landmarks"),
           py::arg("channels"), py::arg("mean"), py::arg("std"), py::arg("token") = "",
           py::arg("own_template") = py::none())
      .def_property_readonly("batch", [](const Embedder&) { return Embedder::batch; })
      .def("prepare", &prepare_embedder)
      .def("prepare_crops", &prepare_crops)
      .def("crops", &crops)
      .def("finish", &finish_embedder);
}

}  // namespace rostro::python
