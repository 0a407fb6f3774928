#include "arrays.hpp"
#include "bindings.hpp"
#include "images.hpp"
#include "rostro/align.hpp"
#include "rostro/crop.hpp"

namespace rostro::python {

namespace {

const Point* points(const py::array_t<float>& array) {
  return reinterpret_cast<const Point*>(array.data());
}

py::array_t<float> similarity(const py::object& src, const py::object& dst) {
  const auto to = input_array<float>(dst, "dst", {{kAny, 2}});
  const py::ssize_t count = to.shape(0);
  const auto from = input_array<float>(src, "src", {{count, 2}, {kAny, count, 2}});
  if (count < 2) throw InvalidArgument("dst: at least 2 points are wanted");
  const bool batch = from.ndim() == 3;
  const py::ssize_t sets = batch ? from.shape(0) : 1;
  py::array_t<float> result(batch ? Shape{sets, 2, 3} : Shape{2, 3});
  float* data = result.mutable_data();
  const Point* p = points(from);
  const Point* q = points(to);
  const py::gil_scoped_release unlocked;
  for (py::ssize_t i = 0; i < sets; ++i) {
    try {
      const Affine affine = estimate_similarity(p + i * count, q, static_cast<std::size_t>(count));
      std::copy(std::begin(affine.m), std::end(affine.m), data + 6 * i);
    } catch (const InvalidArgument& error) {
      throw InvalidArgument((batch ? "src[" + std::to_string(i) + "]: " : "src: ") + error.what());
    }
  }
  return result;
}

py::array_t<float> template_points(const std::string& name, int width, int height) {
  const AlignTemplate target = find_template(name, {width, height});
  py::array_t<float> result(Shape{kLandmarks, 2});
  std::copy(target.points, target.points + kLandmarks,
            reinterpret_cast<Point*>(result.mutable_data()));
  return result;
}

/// What both kinds of crops need.
struct Request {
  Request(const py::object& image, const py::object& landmarks, Size size_,
          const std::string& template_name, const std::string& color)
      : view(image_view(image, pixel_format(color))),
        array(input_array<float>(landmarks, "landmarks", {{kAny, kLandmarks, 2}})),
        target(find_template(template_name, size_)),
        count(array.shape(0)),
        size(size_) {}

  ImageView view;
  py::array_t<float> array;
  AlignTemplate target;
  py::ssize_t count;
  Size size;
};

py::array_t<std::uint8_t> align_uint8(const py::object& image, const py::object& landmarks,
                                      int width, int height, const std::string& template_name,
                                      const std::string& color, const std::string& channels,
                                      const py::object& out) {
  const Request request(image, landmarks, {width, height}, template_name, color);
  const PixelFormat order = pixel_format(channels);
  auto crops = output_array<std::uint8_t>(out, {request.count, height, width, 3});
  std::uint8_t* data = crops.mutable_data();
  const Point* p = points(request.array);
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
  const Request request(image, landmarks, {width, height}, template_name, color);
  const TensorFormat format{pixel_format(channels), mean, std};
  auto crops = output_array<float>(out, {request.count, 3, height, width});
  float* data = crops.mutable_data();
  const Point* p = points(request.array);
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
  const ImageView view = image_view(image, pixel_format(color));
  const auto array = input_array<float>(boxes, "boxes", {{kAny, 4}});
  const PixelFormat order = pixel_format(channels);
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
  const ImageView view = image_view(image, pixel_format(color));
  const auto array = input_array<float>(boxes, "boxes", {{kAny, 4}});
  const TensorFormat format{pixel_format(channels), mean, std};
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
  module.def("estimate_similarity", &similarity);
  module.def("template_points", &template_points);
  module.def("align_uint8", &align_uint8);
  module.def("align_float32", &align_float32);
  module.def("crop_boxes_uint8", &crop_boxes_uint8);
  module.def("crop_boxes_float32", &crop_boxes_float32);
}

}  // namespace rostro::python
