#include "arrays.hpp"
#include "bindings.hpp"
#include "rostro/nms.hpp"

namespace rostro::python {

namespace {

py::array_t<std::int64_t> nms(const py::object& boxes, const py::object& scores,
                              float iou_threshold, std::size_t top_k) {
  const auto box_array = input_array<float>(boxes, "boxes", {{kAny, 4}});
  const auto score_array = input_array<float>(scores, "scores", {{box_array.shape(0)}});
  const float* box_data = box_array.data();
  const float* score_data = score_array.data();
  const auto n = static_cast<std::size_t>(box_array.shape(0));
  std::vector<std::int64_t> kept;
  {
    const py::gil_scoped_release unlocked;
    kept = nms_hard(box_data, score_data, n, iou_threshold, top_k);
  }
  return new_array(kept, {static_cast<py::ssize_t>(kept.size())});
}

}  // namespace

void bind_nms(py::module_& module) { module.def("nms", &nms); }

}  // namespace rostro::python
