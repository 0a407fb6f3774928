#include "arrays.hpp"
#include "bindings.hpp"
#include "rostro/crop_pose.hpp"
#include "rostro/mean_faces.hpp"
#include "rostro/pose_fit.hpp"
#include "support/message.hpp"

namespace rostro::python {

namespace {

using FourNumbers = std::array<double, 4>;

Camera camera_of(const FourNumbers& numbers) {
  const Camera camera{numbers[0], numbers[1], numbers[2], numbers[3]};
  check_camera(camera);
  return camera;
}

FourNumbers assumed_camera(int width, int height, double hfov) {
  const Camera camera = Camera::assumed({width, height}, hfov);
  return {camera.fx, camera.fy, camera.cx, camera.cy};
}

std::vector<Vector3> vectors(const py::array_t<double>& array) {
  std::vector<Vector3> result(static_cast<std::size_t>(array.shape(0)));
  std::copy(array.data(), array.data() + array.size(), reinterpret_cast<double*>(result.data()));
  return result;
}

py::array_t<double> face_points(const std::string& scheme) {
  const std::vector<Vector3> face = mean_face(scheme);
  return py::array_t<double>(Shape{static_cast<py::ssize_t>(face.size()), 3},
                             reinterpret_cast<const double*>(face.data()));
}

/// The points of a scheme, or an object's own.
std::vector<Vector3> model_of(const py::object& scheme) {
  if (py::isinstance<py::str>(scheme)) return mean_face(scheme.cast<std::string>());
  return vectors(input_array<double>(scheme, "scheme", {{kAny, 3}}));
}

/// rotations, translations, angles, errors, covariances
py::tuple arrays_of(const std::vector<Pose>& poses) {
  const auto n = static_cast<py::ssize_t>(poses.size());
  py::array_t<double> rotations(Shape{n, 3, 3}), translations(Shape{n, 3}), angles(Shape{n, 3}),
      errors(Shape{n}), covariances(Shape{n, 6, 6});
  double* rotation = rotations.mutable_data();
  double* translation = translations.mutable_data();
  double* angle = angles.mutable_data();
  double* error = errors.mutable_data();
  double* covariance = covariances.mutable_data();
  for (const Pose& pose : poses) {
    const Angles turned = angles_of_rotation(pose.rotation);
    rotation = std::copy(pose.rotation.begin(), pose.rotation.end(), rotation);
    translation = std::copy(pose.translation.begin(), pose.translation.end(), translation);
    angle = std::copy(turned.begin(), turned.end(), angle);
    *error++ = pose.error;
    covariance = std::copy(pose.covariance.begin(), pose.covariance.end(), covariance);
  }
  return py::make_tuple(rotations, translations, angles, errors, covariances);
}

py::tuple fit_poses_of(const py::object& points, const py::object& scheme,
                       const FourNumbers& camera, const py::object& weights) {
  const std::vector<Vector3> model = model_of(scheme);
  const auto count = static_cast<py::ssize_t>(model.size());
  const auto pixels = input_array<float>(points, "points", {{kAny, count, 2}, {kAny, count, 3}});
  SeenPoints seen;
  seen.points = pixels.data();
  seen.faces = static_cast<std::size_t>(pixels.shape(0));
  seen.count = model.size();
  seen.sides = static_cast<std::size_t>(pixels.shape(2));
  py::array_t<float> given;
  if (!weights.is_none()) {
    given = input_array<float>(weights, "weights", {{pixels.shape(0), count}});
    seen.weights = given.data();
  }
  const Camera by = camera_of(camera);
  std::vector<Pose> poses(seen.faces);
  {
    const py::gil_scoped_release unlocked;
    fit_poses(seen, model, by, poses.data());
  }
  return arrays_of(poses);
}

Pose pose_of(const double* rotation, const double* translation) {
  Pose pose;
  std::copy(rotation, rotation + 9, pose.rotation.begin());
  std::copy(translation, translation + 3, pose.translation.begin());
  return pose;
}

/// Poses as (N, 3, 3) rotations and (N, 3) translations.
std::vector<Pose> poses_of(const py::object& rotations, const py::object& translations) {
  const auto turns = input_array<double>(rotations, "rotations", {{kAny, 3, 3}});
  const auto places = input_array<double>(translations, "translations", {{turns.shape(0), 3}});
  std::vector<Pose> poses;
  for (py::ssize_t i = 0; i < turns.shape(0); ++i) {
    poses.push_back(pose_of(turns.data() + 9 * i, places.data() + 3 * i));
  }
  return poses;
}

/// Poses moved from or to the cameras of the crops.
py::tuple across(const py::object& rotations, const py::object& translations,
                 const py::object& crops, const FourNumbers& camera, bool to_image) {
  std::vector<Pose> poses = poses_of(rotations, translations);
  const auto n = static_cast<py::ssize_t>(poses.size());
  const auto boxes = input_array<double>(crops, "crops", {{n, 4}});
  const Camera by = camera_of(camera);
  for (std::size_t i = 0; i < poses.size(); ++i) {
    Box box;
    std::copy(boxes.data() + 4 * i, boxes.data() + 4 * i + 4, box.begin());
    poses[i] = to_image ? pose_of_crop(poses[i], box, by) : pose_in_crop(poses[i], box, by);
  }
  const py::tuple all = arrays_of(poses);
  return py::make_tuple(all[0], all[1]);
}

py::array_t<double> project_points(const py::object& points, const py::object& rotations,
                                   const py::object& translations, const FourNumbers& camera) {
  const std::vector<Vector3> model = vectors(input_array<double>(points, "points", {{kAny, 3}}));
  const std::vector<Pose> poses = poses_of(rotations, translations);
  const Camera by = camera_of(camera);
  py::array_t<double> pixels(
      Shape{static_cast<py::ssize_t>(poses.size()), static_cast<py::ssize_t>(model.size()), 2});
  double* to = pixels.mutable_data();
  for (const Pose& pose : poses) {
    project(model.data(), model.size(), pose, by, to);
    to += 2 * model.size();
  }
  return pixels;
}

py::array_t<double> boxes_around(const py::object& points, const py::object& rotations,
                                 const py::object& translations, const FourNumbers& camera) {
  const std::vector<Vector3> model = vectors(input_array<double>(points, "points", {{kAny, 3}}));
  const std::vector<Pose> poses = poses_of(rotations, translations);
  const Camera by = camera_of(camera);
  py::array_t<double> boxes(Shape{static_cast<py::ssize_t>(poses.size()), 4});
  double* to = boxes.mutable_data();
  for (const Pose& pose : poses) {
    const Box box = projected_box(model.data(), model.size(), pose, by);
    to = std::copy(box.begin(), box.end(), to);
  }
  return boxes;
}

}  // namespace

void bind_pose(py::module_& module) {
  module.attr("no_pose") = kNoPose;
  module.def("check_camera", [](const FourNumbers& camera) { camera_of(camera); });
  module.def("assumed_camera", &assumed_camera);
  module.def("mean_face", &face_points);
  module.def("fit_poses", &fit_poses_of);
  module.def("poses_across", &across);
  module.def("project_points", &project_points);
  module.def("projected_boxes", &boxes_around);
}

}  // namespace rostro::python
