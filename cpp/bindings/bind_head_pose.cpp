#include <optional>

#include "bindings.hpp"
#include "choice.hpp"
#include "crop_rule.hpp"
#include "faces.hpp"
#include "images.hpp"
#include "outputs.hpp"
#include "rostro/head_pose.hpp"

namespace rostro::python {

namespace {

/// In the order of the enumeration.
constexpr const char* kPoseCodecs[] = {"euler", "bins", "6d", "matrix"};

std::unique_ptr<HeadPose> make_head_pose(const std::string& name, const CropRule& crop,
                                         const std::string& kind, const std::array<int, 3>& outputs,
                                         const std::array<int, 3>& product,
                                         const std::array<int, 3>& signs, bool softmax,
                                         const std::optional<std::array<int, 3>>& factors) {
  HeadPoseSettings settings;
  settings.name = name;
  settings.crop = crop;
  settings.codec = choice<PoseCodec>("kind", kind, kPoseCodecs);
  settings.outputs = outputs;
  settings.angles = {product, signs};
  settings.softmax = softmax;
  settings.composed = factors.has_value();
  if (factors) settings.factors = *factors;
  return std::make_unique<HeadPose>(std::move(settings));
}

py::tuple prepare_head_pose(const HeadPose& task, const py::object& image, const std::string& color,
                            const py::sequence& columns, std::size_t begin, std::size_t count) {
  const HeldImage pixels = held_image(image, pixel_format(color));
  const Faces faces = table_of(columns);
  const CropTensor made(task.settings().crop, count);
  std::vector<Affine> transforms;
  {
    const py::gil_scoped_release unlocked;
    transforms = task.prepare(pixels, faces, begin, count, made.data);
  }
  return py::make_tuple(made.array, transform_array(transforms));
}

/// (N, 9) rotations.
py::array_t<double> finish_head_pose(const HeadPose& task, const py::sequence& outputs,
                                     const py::object& transforms) {
  const Outputs given(outputs);
  const auto moves = input_array<float>(transforms, "transforms", {{kAny, 2, 3}});
  const auto* first = reinterpret_cast<const Affine*>(moves.data());
  const std::vector<Matrix3> rotations =
      task.finish(given.views, std::vector<Affine>(first, first + moves.shape(0)));
  return py::array_t<double>(Shape{moves.shape(0), 9},
                             reinterpret_cast<const double*>(rotations.data()));
}

py::array_t<float> mean_of_poses(const py::sequence& networks) {
  std::vector<std::vector<Matrix3>> all;
  py::ssize_t faces = kAny;
  for (const py::handle network : networks) {
    const auto rotations = input_array<double>(network, "networks", {{faces, 9}});
    faces = rotations.shape(0);
    const auto* first = reinterpret_cast<const Matrix3*>(rotations.data());
    all.emplace_back(first, first + faces);
  }
  py::array_t<float> poses(Shape{faces, 3});
  mean_poses(all, poses.mutable_data());
  return poses;
}

py::dict fit_heads(const py::sequence& columns, const std::string& scheme,
                   const std::array<double, 4>& camera) {
  Faces faces = table_of(columns);
  faces.scheme = scheme;
  {
    const py::gil_scoped_release unlocked;
    fit_head_poses(faces, {camera[0], camera[1], camera[2], camera[3]});
  }
  const py::dict all = columns_of(faces);
  py::dict added;
  for (const Column* column :
       {&columns::poses, &columns::translations, &columns::pose_error, &columns::pose_sigma}) {
    added[column->name.c_str()] = all[column->name.c_str()];
  }
  return added;
}

}  // namespace

void bind_head_pose(py::module_& module) {
  module.def("fit_head_poses", &fit_heads);
  module.def("mean_poses", &mean_of_poses);
  py::class_<HeadPose>(module, "HeadPoseTask")
      .def(py::init(&make_head_pose), py::kw_only(), py::arg("name"), py::arg("crop"),
           py::arg("kind"), py::arg("outputs"), py::arg("product"), py::arg("signs"),
           py::arg("softmax"), py::arg("factors"))
      .def_property_readonly("batch", [](const HeadPose&) { return HeadPose::batch; })
      .def("prepare", &prepare_head_pose)
      .def("finish", &finish_head_pose);
}

}  // namespace rostro::python
