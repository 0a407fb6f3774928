#include "arrays.hpp"
#include "bindings.hpp"
#include "images.hpp"
#include "rostro/align.hpp"
#include "rostro/crop.hpp"

namespace rostro::python {

namespace {

/// What both kinds of crops need.
struct AlignRequest {
  AlignRequest(const py::object& image, const py::object& landmarks, Size size_,
               const std::string& template_name, const std::string& color)
      : view(held_image(image, pixel_format(color))),
        array(input_array<float>(landmarks, "landmarks", {{kAny, kLandmarks, 2}})),
        target(find_template(template_name, size_)),
        count(array.shape(0)),
        size(size_) {}

  HeldImage view;
  py::array_t<float> array;
  CropTemplate target;
  py::ssize_t count;
  Size size;
};

py::array_t<std::uint8_t> align_uint8(const py::object& image, const py::object& landmarks,
                                      int width, int height, const std::string& template_name,
                                      const std::string& color, const std::string& channels,
                                      const py::object& out) {
  const AlignRequest request(image, landmarks, {width, height}, template_name, color);
  const ChannelOrder order = channel_order(channels);
  auto crops = output_array<std::uint8_t>(out, {request.count, height, width, 3});
  std::uint8_t* data = crops.mutable_data();
  const Point* p = points_of(request.array);
  {
    const py::gil_scoped_release unlocked;
    align_u8(request.view, p, static_cast<std::size_t>(request.count), request.target, request.size,
             order, data);
  }
  return crops;
}

py::array_t<float> align_float32(const py::object& image, const py::object& landmarks, int width,
                                 int height, const std::string& template_name,
                                 const std::string& color, const std::string& channels,
                                 const std::array<float, 3>& mean, const std::array<float, 3>& std,
                                 const py::object& out) {
  const AlignRequest request(image, landmarks, {width, height}, template_name, color);
  const TensorFormat format{channel_order(channels), mean, std};
  auto crops = output_array<float>(out, {request.count, 3, height, width});
  float* data = crops.mutable_data();
  const Point* p = points_of(request.array);
  {
    const py::gil_scoped_release unlocked;
    align_f32(request.view, p, static_cast<std::size_t>(request.count), request.target,
              request.size, format, data);
  }
  return crops;
}

py::array_t<std::uint8_t> crop_boxes_uint8(const py::object& image, const py::object& boxes,
                                           int width, int height, const std::string& color,
                                           const std::string& channels) {
  const HeldImage view = held_image(image, pixel_format(color));
  const auto array = input_array<float>(boxes, "boxes", {{kAny, 4}});
  const ChannelOrder order = channel_order(channels);
  py::array_t<std::uint8_t> crops(Shape{array.shape(0), height, width, 3});
  std::uint8_t* data = crops.mutable_data();
  {
    const py::gil_scoped_release unlocked;
    crop_boxes_u8(view, array.data(), static_cast<std::size_t>(array.shape(0)), {width, height},
                  order, data);
  }
  return crops;
}

py::array_t<float> crop_boxes_float32(const py::object& image, const py::object& boxes, int width,
                                      int height, const std::string& color,
                                      const std::string& channels, const std::array<float, 3>& mean,
                                      const std::array<float, 3>& std) {
  const HeldImage view = held_image(image, pixel_format(color));
  const auto array = input_array<float>(boxes, "boxes", {{kAny, 4}});
  const TensorFormat format{channel_order(channels), mean, std};
  py::array_t<float> crops(Shape{array.shape(0), 3, height, width});
  float* data = crops.mutable_data();
  {
    const py::gil_scoped_release unlocked;
    crop_boxes_f32(view, array.data(), static_cast<std::size_t>(array.shape(0)), {width, height},
                   format, data);
  }
  return crops;
}

}  // namespace

void bind_align(py::module_& module) {
  module.def("align_uint8", &align_uint8);
  module.def("align_float32", &align_float32);
  module.def("crop_boxes_uint8", &crop_boxes_uint8);
  module.def("crop_boxes_float32", &crop_boxes_float32);
}

}  // namespace rostro::python
