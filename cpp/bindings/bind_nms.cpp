#include "arrays.hpp"
#include "bindings.hpp"
#include "rostro/nms.hpp"

namespace rostro::python {

namespace {

using Indices = std::vector<std::int64_t>;

Indices by_method(const std::string& method, const float* boxes, const float* scores, std::size_t n,
                  const SoftDecay& soft, std::size_t top_k) {
  // The weighted method keeps the boxes that the hard one keeps; only their numbers differ.
  if (method == "hard" || method == "weighted") {
    return nms_hard(boxes, scores, n, soft.iou_threshold, top_k);
  }
  SoftDecay decay = soft;
  if (method == "soft-linear") {
    decay.kind = SoftDecay::Kind::linear;
  } else if (method == "soft-gaussian") {
    decay.kind = SoftDecay::Kind::gaussian;
  } else {
    throw InvalidArgument("method: \"" + method +
                          "\" is not known; known are \"hard\", \"soft-linear\", "
                          "\"soft-gaussian\", \"weighted\"");
  }
  return nms_soft(boxes, scores, n, decay, top_k);
}

py::array_t<std::int64_t> nms(const py::object& boxes, const py::object& scores,
                              float iou_threshold, std::size_t top_k, const std::string& method,
                              float sigma, float score_threshold) {
  const auto box_array = input_array<float>(boxes, "boxes", {{kAny, 4}});
  const auto score_array = input_array<float>(scores, "scores", {{box_array.shape(0)}});
  const float* box_data = box_array.data();
  const float* score_data = score_array.data();
  const auto n = static_cast<std::size_t>(box_array.shape(0));
  SoftDecay decay;
  decay.iou_threshold = iou_threshold;
  decay.sigma = sigma;
  decay.score_threshold = score_threshold;
  Indices kept;
  {
    const py::gil_scoped_release unlocked;
    kept = by_method(method, box_data, score_data, n, decay, top_k);
  }
  return new_array(kept, {static_cast<py::ssize_t>(kept.size())});
}

std::vector<float> values(const py::array_t<float>& array) {
  return {array.data(), array.data() + array.size()};
}

py::tuple merge(const py::object& boxes, const py::object& scores, const py::object& landmarks,
                float iou_threshold, std::size_t top_k) {
  const auto box_array = input_array<float>(boxes, "boxes", {{kAny, 4}});
  const py::ssize_t count = box_array.shape(0);
  Detections found;
  found.boxes = values(box_array);
  found.scores = values(input_array<float>(scores, "scores", {{count}}));
  if (!landmarks.is_none()) {
    found.landmarks = values(input_array<float>(landmarks, "landmarks", {{count, kLandmarks, 2}}));
  }
  Detections merged;
  {
    const py::gil_scoped_release unlocked;
    merged = nms_weighted(found, iou_threshold, top_k);
  }
  const auto n = static_cast<py::ssize_t>(merged.size());
  py::object points = py::none();
  if (!landmarks.is_none()) points = new_array(merged.landmarks, {n, kLandmarks, 2});
  return py::make_tuple(new_array(merged.boxes, {n, 4}), new_array(merged.scores, {n}), points);
}

}  // namespace

void bind_nms(py::module_& module) {
  module.def("nms", &nms);
  module.def("nms_weighted", &merge);
}

}  // namespace rostro::python
