#include "arrays.hpp"
#include "bindings.hpp"
#include "images.hpp"
#include "rostro/letterbox.hpp"

namespace rostro::python {

namespace {

py::tuple transform_tuple(const LetterboxTransform& t) {
  return py::make_tuple(t.scale_x, t.scale_y, t.offset_x, t.offset_y);
}

Shape tensor_shape(Size target) { return {1, 3, target.height, target.width}; }

py::tuple letterbox_float32(const py::object& image, const std::string& color, int width,
                            int height, bool upscale, std::uint8_t pad, const std::string& channels,
                            const std::array<float, 3>& mean, const std::array<float, 3>& std,
                            const py::object& out) {
  const HeldImage view = held_image(image, pixel_format(color));
  const TensorFormat format{channel_order(channels), mean, std};
  const LetterboxLayout layout{{width, height}, upscale, pad};
  auto tensor = output_array<float>(out, tensor_shape(layout.target));
  float* data = tensor.mutable_data();
  LetterboxTransform transform;
  {
    const py::gil_scoped_release unlocked;
    transform = letterbox_f32(view, layout, format, data);
  }
  return py::make_tuple(tensor, transform_tuple(transform));
}

py::tuple letterbox_uint8(const py::object& image, const std::string& color, int width, int height,
                          bool upscale, std::uint8_t pad, const std::string& channels,
                          const py::object& out) {
  const HeldImage view = held_image(image, pixel_format(color));
  const ChannelOrder order = channel_order(channels);
  const LetterboxLayout layout{{width, height}, upscale, pad};
  auto tensor = output_array<std::uint8_t>(out, tensor_shape(layout.target));
  std::uint8_t* data = tensor.mutable_data();
  LetterboxTransform transform;
  {
    const py::gil_scoped_release unlocked;
    transform = letterbox_u8(view, layout, order, data);
  }
  return py::make_tuple(tensor, transform_tuple(transform));
}

}  // namespace

void bind_letterbox(py::module_& module) {
  module.def("letterbox_float32", &letterbox_float32);
  module.def("letterbox_uint8", &letterbox_uint8);
  module.def("image_size", [](const py::object& image, const std::string& color) {
    const HeldImage view = held_image(image, pixel_format(color));
    return py::make_tuple(view.size.width, view.size.height);
  });
}

}  // namespace rostro::python
