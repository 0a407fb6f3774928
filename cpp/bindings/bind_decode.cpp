#include "arrays.hpp"
#include "bindings.hpp"
#include "rostro/decode.hpp"

namespace rostro::python {

namespace {

py::tuple decode_outputs(const std::string& head_name, const py::sequence& outputs, int width,
                         int height, float score_threshold, std::size_t top_k) {
  const Head& head = find_head(head_name);
  std::vector<OutputView> views;
  views.reserve(outputs.size());
  std::vector<py::array_t<float>> owners;
  owners.reserve(outputs.size());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const std::string name = "outputs[" + std::to_string(i) + "]";
    owners.push_back(
        input_array<float>(py::object(outputs[i]), name.c_str(), {{kAny, kAny}, {1, kAny, kAny}}));
    const auto& array = owners.back();
    const py::ssize_t last = array.ndim() - 1;
    views.push_back({array.data(), static_cast<std::size_t>(array.shape(last - 1)),
                     static_cast<std::size_t>(array.shape(last))});
  }
  Detections found;
  {
    const py::gil_scoped_release unlocked;
    found = decode(head, views, {width, height}, score_threshold, top_k);
  }
  const auto n = static_cast<py::ssize_t>(found.size());
  py::object landmarks = py::none();
  const bool has_landmarks = outputs.size() > 6;
  if (has_landmarks) landmarks = new_array(found.landmarks, {n, kLandmarks, 2});
  return py::make_tuple(new_array(found.boxes, {n, 4}), new_array(found.scores, {n}), landmarks);
}

}  // namespace

void bind_decode(py::module_& module) { module.def("decode", &decode_outputs); }

}  // namespace rostro::python
