#include "bindings.hpp"
#include "faces.hpp"
#include "outputs.hpp"
#include "rostro/heads.hpp"

namespace rostro::python {

namespace {

py::dict decode_outputs(const std::string& head_name, const py::sequence& outputs, int width,
                        int height, float score_threshold, std::size_t top_k,
                        const std::array<float, 6>& pose_mean,
                        const std::array<float, 6>& pose_std) {
  const Head& head = find_head(head_name, outputs.size());
  const Outputs given(outputs);
  thread_local Faces found;  // its memory serves from call to call
  {
    const py::gil_scoped_release unlocked;
    decode(head, given.views, {width, height}, score_threshold, top_k, found,
           {pose_mean, pose_std});
  }
  return columns_of(found);
}

/// What goes with a head, for a network that nobody describes otherwise.
py::dict describe_head(const std::string& name, std::size_t outputs) {
  const Head& head = find_head(name, outputs);
  const HeadDefaults& defaults = head.defaults;
  py::dict result;
  result["smallest_face"] = head.smallest_face;
  result["channels"] = defaults.input.channels == ChannelOrder::rgb ? "rgb" : "bgr";
  result["mean"] = py::tuple(py::cast(defaults.input.mean));
  result["std"] = py::tuple(py::cast(defaults.input.std));
  result["pad"] = defaults.pad;
  result["score_threshold"] = defaults.score_threshold;
  result["nms_threshold"] = defaults.nms_threshold;
  result["nms_method"] = defaults.nms == NmsMethod::weighted ? "weighted" : "hard";
  return result;
}

}  // namespace

void bind_decode(py::module_& module) {
  module.def("decode", &decode_outputs);
  module.def("head", &describe_head);
}

}  // namespace rostro::python
