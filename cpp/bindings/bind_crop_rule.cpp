#include "bindings.hpp"
#include "choice.hpp"
#include "crop_rule.hpp"
#include "faces.hpp"
#include "images.hpp"

namespace rostro::python {

namespace {

/// In the order of the enumerations.
constexpr const char* kAround[] = {"box", "landmarks", "points", "left_eye", "right_eye"};
constexpr const char* kShapes[] = {"longer", "width", "mean", "enclose", "stretch"};

std::unique_ptr<CropRule> make_crop_rule(std::pair<int, int> size, const std::string& around,
                                         const std::string& shape, float scale, bool upright,
                                         std::pair<float, float> shift, bool inside,
                                         const std::string& channels,
                                         const std::array<float, 3>& mean,
                                         const std::array<float, 3>& std,
                                         const std::string& aligned_to) {
  CropRule rule;
  rule.size = {size.first, size.second};
  rule.around = choice<CropAround>("around", around, kAround);
  rule.shape = choice<CropShape>("shape", shape, kShapes);
  rule.scale = scale;
  rule.upright = upright;
  rule.shift_x = shift.first;
  rule.shift_y = shift.second;
  rule.inside = inside;
  rule.input = {channel_order(channels), mean, std};
  rule.aligned_to = aligned_to;
  check_crop_rule(rule);
  return std::make_unique<CropRule>(rule);
}

py::tuple crop(const CropRule& rule, const py::object& image, const std::string& color,
               const py::sequence& columns, std::size_t begin, std::size_t count) {
  const HeldImage pixels = held_image(image, pixel_format(color));
  const Faces faces = table_of(columns);
  const CropTensor made(rule, count);
  std::vector<Affine> transforms;
  {
    const py::gil_scoped_release unlocked;
    transforms = crop_faces(pixels, faces, begin, count, rule, made.data);
  }
  return py::make_tuple(made.array, transform_array(transforms));
}

}  // namespace

py::array_t<float> transform_array(const std::vector<Affine>& transforms) {
  return py::array_t<float>(Shape{static_cast<py::ssize_t>(transforms.size()), 2, 3},
                            reinterpret_cast<const float*>(transforms.data()));
}

void bind_crop_rule(py::module_& module) {
  py::class_<CropRule>(module, "CropRule")
      .def(py::init(&make_crop_rule), py::kw_only(), py::arg("size"), py::arg("around"),
           py::arg("shape"), py::arg("scale"), py::arg("upright"), py::arg("shift"),
           py::arg("inside"), py::arg("channels"), py::arg("mean"), py::arg("std"),
           py::arg("aligned_to") = "")
      .def("crop", &crop);
}

}  // namespace rostro::python
