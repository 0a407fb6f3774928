#include "arrays.hpp"
#include "bindings.hpp"
#include "rostro/box_matching.hpp"

namespace rostro::python {

namespace {

py::tuple matches(const py::object& boxes, const py::object& scores, const py::object& faces,
                  const py::object& counted, double iou_threshold, std::size_t thresholds) {
  const auto box_array = input_array<double>(boxes, "boxes", {{kAny, 4}});
  const auto score_array = input_array<double>(scores, "scores", {{box_array.shape(0)}});
  const auto face_array = input_array<double>(faces, "faces", {{kAny, 4}});
  const auto counted_array = input_array<bool>(counted, "counted", {{face_array.shape(0)}});
  const ScoredBoxes detections{box_array.data(), score_array.data(),
                               static_cast<std::size_t>(box_array.shape(0))};
  const LabelledFaces labelled{face_array.data(), counted_array.data(),
                               static_cast<std::size_t>(face_array.shape(0))};
  MatchCounts counts;
  {
    const py::gil_scoped_release unlocked;
    counts = count_matches(detections, labelled, iou_threshold, thresholds);
  }
  const auto n = static_cast<py::ssize_t>(thresholds);
  return py::make_tuple(new_array(counts.detections, {n}), new_array(counts.found, {n}));
}

}  // namespace

void bind_box_matching(py::module_& module) { module.def("count_matches", &matches); }

}  // namespace rostro::python
