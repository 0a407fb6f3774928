#include "arrays.hpp"
#include "bindings.hpp"
#include "rostro/decode.hpp"

namespace rostro::python {

namespace {

/// Outputs as views, and the arrays that these look into.
struct Outputs {
  explicit Outputs(const py::sequence& outputs) {
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const std::string name = "outputs[" + std::to_string(i) + "]";
      arrays.push_back(input_array<float>(
          py::object(outputs[i]), name.c_str(),
          {{kAny, kAny}, {1, kAny, kAny}, {kAny, kAny, kAny}, {1, kAny, kAny, kAny}}));
      const auto& array = arrays.back();
      const py::ssize_t last = array.ndim() - 1;
      const auto side = [&](py::ssize_t axis) {
        return axis < 0 ? 1 : static_cast<std::size_t>(array.shape(axis));
      };
      views.push_back({array.data(), side(last - 1), side(last), side(last - 2)});
    }
  }

  std::vector<OutputView> views;
  std::vector<py::array_t<float>> arrays;
};

py::tuple decode_outputs(const std::string& head_name, const py::sequence& outputs, int width,
                         int height, float score_threshold, std::size_t top_k) {
  const Head& head = find_head(head_name, outputs.size());
  const Outputs given(outputs);
  thread_local Detections found;  // its memory serves from call to call
  {
    const py::gil_scoped_release unlocked;
    decode(head, given.views, {width, height}, score_threshold, top_k, found);
  }
  const auto n = static_cast<py::ssize_t>(found.size());
  py::object landmarks = py::none();
  py::object poses = py::none();
  if (has_landmarks(head, outputs.size())) {
    landmarks = new_array(found.landmarks, {n, kLandmarks, 2});
  }
  if (has_poses(head)) poses = new_array(found.poses, {n, 3});
  return py::make_tuple(new_array(found.boxes, {n, 4}), new_array(found.scores, {n}), landmarks,
                        poses);
}

std::size_t find_nan_output(const py::sequence& outputs) {
  const Outputs given(outputs);
  const py::gil_scoped_release unlocked;
  return find_nan(given.views);
}

py::dict describe_head(const std::string& name, std::size_t outputs) {
  const Head& head = find_head(name, outputs);
  py::dict result;
  result["size_step"] = head.size_step;
  result["smallest_face"] = head.smallest_face;
  result["most_outputs"] = most_outputs(head);
  result["fewest_outputs"] = fewest_outputs(head);
  return result;
}

}  // namespace

void bind_decode(py::module_& module) {
  module.def("decode", &decode_outputs);
  module.def("find_nan", &find_nan_output);
  module.def("head", &describe_head);
}

}  // namespace rostro::python
