#include "arrays.hpp"
#include "bindings.hpp"
#include "faces.hpp"
#include "rostro/nms.hpp"
#include "support/message.hpp"

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
    throw wrong("method", quoted(method),
                "\"hard\", \"soft-linear\", \"soft-gaussian\" or \"weighted\" is wanted");
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

py::dict merge(const py::sequence& columns, float iou_threshold, std::size_t top_k) {
  const Faces found = table_of(columns);
  Faces merged;
  {
    const py::gil_scoped_release unlocked;
    merged = nms_weighted(found, iou_threshold, top_k);
  }
  return columns_of(merged);
}

}  // namespace

void bind_nms(py::module_& module) {
  module.def("nms", &nms);
  module.def("nms_weighted", &merge);
}

}  // namespace rostro::python
