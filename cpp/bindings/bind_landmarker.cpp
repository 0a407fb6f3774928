#include "bindings.hpp"
#include "choice.hpp"
#include "crop_rule.hpp"
#include "faces.hpp"
#include "images.hpp"
#include "outputs.hpp"
#include "rostro/landmarker.hpp"
#include "rostro/schemes.hpp"

namespace rostro::python {

namespace {

using Numbers = std::vector<float>;

/// In the order of the enumeration.
constexpr const char* kPointCodecs[] = {"coordinates", "quarter", "dark",       "soft",
                                        "offsets",     "3dmm",    "descriptors"};

std::unique_ptr<Landmarker> make_landmarker(const std::string& name, const std::string& scheme,
                                            const CropRule& crop, const std::string& codec,
                                            std::size_t dims, std::pair<float, float> range,
                                            int blur, float beta, float factor, bool depth,
                                            float depth_scale, bool presence, const Numbers& mean,
                                            const Numbers& std, const Numbers& base,
                                            const Numbers& basis, const Numbers& descriptors) {
  LandmarkerSettings settings;
  settings.name = name;
  settings.scheme = scheme;
  settings.crop = crop;
  settings.codec = choice<PointCodec>("kind", codec, kPointCodecs);
  settings.sides = dims;
  settings.low = range.first;
  settings.high = range.second;
  settings.blur = blur;
  settings.beta = beta;
  settings.offset_factor = factor;
  settings.depth = depth;
  settings.depth_scale = depth_scale;
  settings.presence = presence;
  settings.morphable = {mean, std, base, basis};
  settings.descriptors = descriptors;
  return std::make_unique<Landmarker>(std::move(settings));
}

py::tuple prepare_landmarker(const Landmarker& landmarker, const py::object& image,
                             const std::string& color, const py::sequence& columns,
                             std::size_t begin, std::size_t count) {
  const HeldImage pixels = held_image(image, pixel_format(color));
  const Faces faces = table_of(columns);
  const CropTensor made(landmarker.settings().crop, count);
  std::vector<Affine> transforms;
  {
    const py::gil_scoped_release unlocked;
    transforms = landmarker.prepare(pixels, faces, begin, count, made.data);
  }
  return py::make_tuple(made.array, transform_array(transforms));
}

py::tuple finish_landmarker(const Landmarker& landmarker, const py::object& points,
                            const py::object& depth, const py::object& presence,
                            const py::object& transforms) {
  const AnyOutput of_points(points, "points"), of_depth(depth, "depth"),
      of_presence(presence, "presence");
  const auto moves = input_array<float>(transforms, "transforms", {{kAny, 2, 3}});
  const auto* first = reinterpret_cast<const Affine*>(moves.data());
  const std::vector<Affine> to_image(first, first + moves.shape(0));
  py::array_t<float> found(Shape{moves.shape(0), static_cast<py::ssize_t>(landmarker.points()),
                                 static_cast<py::ssize_t>(landmarker.sides())});
  py::array_t<float> there(Shape{moves.shape(0)});
  py::object poses = py::none();
  float* poses_data = nullptr;
  if (landmarker.settings().codec == PointCodec::morphable) {
    py::array_t<float> angles(Shape{moves.shape(0), 3});
    poses_data = angles.mutable_data();
    poses = std::move(angles);
  }
  float *points_data = found.mutable_data(), *presence_data = there.mutable_data();
  {
    const py::gil_scoped_release unlocked;
    landmarker.finish({of_points.view, of_depth.view, of_presence.view}, to_image, points_data,
                      presence_data, poses_data);
  }
  return py::make_tuple(found, there, poses);
}

py::array_t<float> features_at(const Landmarker& landmarker, const py::object& maps,
                               const py::object& transforms, const py::object& points) {
  const auto moves = input_array<float>(transforms, "transforms", {{kAny, 2, 3}});
  const auto features = input_array<float>(maps, "maps", {{moves.shape(0), kAny, kAny, kAny}});
  const auto clicked = input_array<float>(points, "points", {{moves.shape(0), kAny, 2}});
  py::array_t<float> out(Shape{moves.shape(0), clicked.shape(1), features.shape(1)});
  OutputView view;
  view.planes = static_cast<std::size_t>(features.shape(1));
  view.rows = static_cast<std::size_t>(features.shape(2));
  view.columns = static_cast<std::size_t>(features.shape(3));
  const auto count = static_cast<std::size_t>(clicked.shape(1));
  for (py::ssize_t i = 0; i < moves.shape(0); ++i) {
    view.data = features.data(i);
    describe_points(view, landmarker.settings().crop.size,
                    *reinterpret_cast<const Affine*>(moves.data(i)),
                    reinterpret_cast<const Point*>(clicked.data(i)), count, out.mutable_data(i));
  }
  return out;
}

py::array_t<float> certainty(const py::object& landmarks, const py::object& image,
                             const std::string& color, const py::object& presence) {
  const auto five = input_array<float>(landmarks, "landmarks", {{kAny, kLandmarks, 2}});
  const auto there = input_array<float>(presence, "presence", {{five.shape(0)}});
  const Size size = held_image(image, pixel_format(color)).size;
  py::array_t<float> out(Shape{five.shape(0)});
  point_certainty(reinterpret_cast<const Point*>(five.data()),
                  static_cast<std::size_t>(five.shape(0)), size, there.data(), out.mutable_data());
  return out;
}

py::dict scheme(const std::string& name) {
  const Scheme& found = find_scheme(name);
  py::dict facts;
  facts["count"] = found.count;
  facts["landmarks"] = py::tuple(py::cast(found.landmarks));
  facts["eye_corners"] = py::tuple(py::cast(found.eye_corners));
  return facts;
}

py::array_t<float> convert(const py::object& points, const std::string& from,
                           const std::string& to) {
  const std::vector<PointGroup> conversion = scheme_conversion(from, to);
  const auto count = static_cast<py::ssize_t>(find_scheme(from).count);
  const auto given = input_array<float>(points, "points", {{kAny, count, 2}, {kAny, count, 3}});
  py::array_t<float> out(
      Shape{given.shape(0), static_cast<py::ssize_t>(conversion.size()), given.shape(2)});
  convert_points(conversion, static_cast<std::size_t>(count),
                 static_cast<std::size_t>(given.shape(0)), static_cast<std::size_t>(given.shape(2)),
                 given.data(), out.mutable_data());
  return out;
}

}  // namespace

void bind_landmarker(py::module_& module) {
  module.def("point_certainty", &certainty);
  module.def("scheme", &scheme);
  module.def("convert_points", &convert);
  const LandmarkerSettings usual;
  py::class_<Landmarker>(module, "LandmarkerTask")
      .def(py::init(&make_landmarker), py::kw_only(), py::arg("name"), py::arg("scheme"),
           py::arg("crop"), py::arg("codec"), py::arg("dims") = usual.sides,
           py::arg("range") = std::pair(usual.low, usual.high), py::arg("blur") = usual.blur,
           py::arg("beta") = usual.beta, py::arg("factor") = usual.offset_factor,
           py::arg("depth") = false, py::arg("depth_scale") = usual.depth_scale,
           py::arg("presence") = false, py::arg("mean") = Numbers(), py::arg("std") = Numbers(),
           py::arg("base") = Numbers(), py::arg("basis") = Numbers(),
           py::arg("descriptors") = Numbers())
      .def_property_readonly("points", &Landmarker::points)
      .def_property_readonly("dims", &Landmarker::sides)
      .def_property_readonly("batch", [](const Landmarker&) { return Landmarker::batch; })
      .def("prepare", &prepare_landmarker)
      .def("finish", &finish_landmarker)
      .def("features_at", &features_at);
}

}  // namespace rostro::python
