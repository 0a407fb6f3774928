#pragma once

#include <pybind11/pybind11.h>

// One function a topic; module.cpp calls them all.
namespace rostro::python {

void bind_align(pybind11::module_& module);
void bind_attributes(pybind11::module_& module);
void bind_box_matching(pybind11::module_& module);
void bind_crop_rule(pybind11::module_& module);
void bind_decode(pybind11::module_& module);
void bind_detector(pybind11::module_& module);
void bind_embedder(pybind11::module_& module);
void bind_faces(pybind11::module_& module);
void bind_fusion(pybind11::module_& module);
void bind_geometry(pybind11::module_& module);
void bind_head_pose(pybind11::module_& module);
void bind_landmarker(pybind11::module_& module);
void bind_letterbox(pybind11::module_& module);
void bind_liveness(pybind11::module_& module);
void bind_match(pybind11::module_& module);
void bind_motion_watch(pybind11::module_& module);
void bind_nms(pybind11::module_& module);
void bind_pose(pybind11::module_& module);
void bind_quality(pybind11::module_& module);
void bind_quality_network(pybind11::module_& module);
void bind_rotation(pybind11::module_& module);
void bind_simd(pybind11::module_& module);
void bind_track(pybind11::module_& module);
void bind_verification(pybind11::module_& module);

}  // namespace rostro::python
