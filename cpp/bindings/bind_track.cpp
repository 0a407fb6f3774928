#include "arrays.hpp"
#include "bindings.hpp"
#include "rostro/tracker.hpp"
#include "support/message.hpp"

namespace rostro::python {

namespace {

/// In the order of the enumeration.
constexpr const char* kEventKinds[] = {"appeared", "lost", "found", "left"};

/// Calls visit(name, field) for each setting.
template <typename Settings, typename Visit>
void each_setting(Settings& s, const Visit& visit) {
  visit("high_score", s.high_score);
  visit("low_score", s.low_score);
  visit("start_score", s.start_score);
  visit("min_iou", s.min_iou);
  visit("min_iou_low", s.min_iou_low);
  visit("max_buffer", s.max_buffer);
  visit("recognize", s.recognize);
  visit("contradict", s.contradict);
  visit("confirm_hits", s.confirm_hits);
  visit("confirm_within", s.confirm_within);
  visit("lost_after", s.lost_after);
  visit("max_lost", s.max_lost);
  visit("max_remembered", s.max_remembered);
  visit("most_remembered", s.most_remembered);
  visit("restart_after", s.restart_after);
  visit("position_noise", s.position_noise);
  visit("aspect_noise", s.aspect_noise);
  visit("position_diffusion", s.position_diffusion);
  visit("speed_diffusion", s.speed_diffusion);
  visit("first_speed_noise", s.first_speed_noise);
  visit("smooth", s.smooth);
  visit("min_cutoff", s.min_cutoff);
  visit("cutoff_slope", s.cutoff_slope);
  visit("derivative_cutoff", s.derivative_cutoff);
}

/// A number of the core as Python shows it shortest: 0.6f is 0.6.
template <typename Number>
py::object shortest(Number number) {
  return py::cast(number);
}
template <>
py::object shortest(float number) {
  return py::module_::import("builtins").attr("float")(py::str(text(number)));
}

py::dict usual_settings() {
  py::dict found;
  const TrackerSettings usual;
  each_setting(usual, [&](const char* name, auto field) { found[name] = shortest(field); });
  return found;
}

std::unique_ptr<Tracker> make_tracker(const py::dict& given) {
  TrackerSettings settings;
  each_setting(settings, [&](const char* name, auto& field) {
    field = given[name].cast<std::decay_t<decltype(field)>>();
  });
  return std::make_unique<Tracker>(settings);
}

/// A copy of an array, to be written over; none of null.
py::object copied(const float* numbers, const Shape& shape) {
  if (numbers == nullptr) return py::none();
  return py::array_t<float>(shape, numbers);
}

py::tuple step(Tracker& tracker, const py::object& boxes, const py::object& scores,
               const py::object& landmarks, const py::object& embeddings, double time,
               const py::object& motion) {
  const auto box_array = input_array<float>(boxes, "boxes", {{kAny, 4}});
  const py::ssize_t count = box_array.shape(0);
  const auto score_array = input_array<float>(scores, "scores", {{count}});
  TrackInput input;
  input.count = static_cast<std::size_t>(count);
  input.boxes = box_array.data();
  input.scores = score_array.data();
  py::array_t<float> landmark_array, embedding_array, motion_array;
  if (!landmarks.is_none()) {
    landmark_array = input_array<float>(landmarks, "landmarks", {{count, kLandmarks, 2}});
    input.landmarks = landmark_array.data();
  }
  if (!embeddings.is_none()) {
    embedding_array = input_array<float>(embeddings, "embeddings", {{count, kAny}});
    input.embeddings = embedding_array.data();
    input.dim = static_cast<std::size_t>(embedding_array.shape(1));
  }
  Affine camera;
  if (!motion.is_none()) {
    motion_array = input_array<float>(motion, "motion", {{2, 3}});
    std::copy(motion_array.data(), motion_array.data() + 6, camera.m);
  }
  py::array_t<std::int64_t> ids(Shape{count});
  TrackOutput out;
  out.ids = ids.mutable_data();
  py::object new_boxes = py::none(), new_landmarks = py::none();
  if (tracker.settings().smooth) {
    new_boxes = copied(input.boxes, {count, 4});
    new_landmarks = copied(input.landmarks, {count, kLandmarks, 2});
    out.boxes = py::reinterpret_borrow<py::array_t<float>>(new_boxes).mutable_data();
    if (input.landmarks != nullptr) {
      out.landmarks = py::reinterpret_borrow<py::array_t<float>>(new_landmarks).mutable_data();
    }
  }
  // The lock of the interpreter is kept: this takes microseconds, and no other thread may come in.
  tracker.step(input, time, motion.is_none() ? nullptr : &camera, out);
  return py::make_tuple(ids, new_boxes, new_landmarks);
}

py::list events(const Tracker& tracker) {
  py::list found;
  for (const TrackEvent& event : tracker.events()) {
    found.append(py::make_tuple(kEventKinds[static_cast<int>(event.kind)], event.id, event.time));
  }
  return found;
}

py::tuple predict(const Tracker& tracker, double time) {
  std::vector<TrackedFace> faces;
  tracker.predict(time, faces);
  const auto count = static_cast<py::ssize_t>(faces.size());
  py::array_t<std::int64_t> ids(Shape{count});
  py::array_t<float> boxes(Shape{count, 4});
  py::array_t<double> unseen(Shape{count});
  for (std::size_t i = 0; i < faces.size(); ++i) {
    ids.mutable_data()[i] = faces[i].id;
    std::copy_n(faces[i].box, 4, boxes.mutable_data() + 4 * i);
    unseen.mutable_data()[i] = faces[i].unseen;
  }
  return py::make_tuple(ids, boxes, unseen);
}

}  // namespace

void bind_track(py::module_& module) {
  module.def("tracker_settings", &usual_settings);
  py::class_<Tracker>(module, "TrackerTask")
      .def(py::init(&make_tracker))
      .def("step", &step)
      .def("events", &events)
      .def("predict", &predict)
      .def("restart", &Tracker::restart);
}

}  // namespace rostro::python
