#include "images.hpp"

#include <iterator>

#include "arrays.hpp"
#include "image/pixel_formats.hpp"
#include "support/message.hpp"

namespace rostro::python {

namespace {

struct Format {
  const char* name;
  PixelFormat format;
  const char* shape;
  const char* planes;  ///< the shapes of planes apart; null where there is one alone
};

constexpr Format kFormats[] = {
    {"bgr", PixelFormat::bgr, "(H, W, 3)", nullptr},
    {"rgb", PixelFormat::rgb, "(H, W, 3)", nullptr},
    {"bgra", PixelFormat::bgra, "(H, W, 4)", nullptr},
    {"rgba", PixelFormat::rgba, "(H, W, 4)", nullptr},
    {"gray", PixelFormat::gray, "(H, W)", nullptr},
    {"nv12", PixelFormat::nv12, "(3 H / 2, W)", "(H, W) and (H / 2, W) or (H / 2, W / 2, 2)"},
    {"nv21", PixelFormat::nv21, "(3 H / 2, W)", "(H, W) and (H / 2, W) or (H / 2, W / 2, 2)"},
    {"i420", PixelFormat::i420, "(3 H / 2, W)", "(H, W), (H / 2, W / 2) and (H / 2, W / 2)"},
    {"yuyv", PixelFormat::yuyv, "(H, W, 2)", nullptr},
    {"uyvy", PixelFormat::uyvy, "(H, W, 2)", nullptr},
};

[[noreturn]] void refuse_image(const py::handle& object, const Format& format, bool type) {
  std::string wanted = std::string("a uint8 array of shape ") + format.shape;
  if (format.planes != nullptr)
    wanted += std::string(", or a tuple of planes, ") + format.planes + ",";
  const std::string message = "image: got " + describe(object) + "; for color=\"" + format.name +
                              "\" " + wanted + " is wanted";
  if (type) throw InvalidType(message);
  throw InvalidArgument(message);
}

/// An array over the memory of `object`; none where it has no memory to show.
py::object array_over(const py::handle& object) {
  if (py::isinstance<py::array>(object)) return py::reinterpret_borrow<py::object>(object);
  const auto numpy = py::module_::import("numpy");
  try {
    if (PyObject_CheckBuffer(object.ptr()) != 0) {
      return numpy.attr("asarray")(py::memoryview(py::reinterpret_borrow<py::object>(object)));
    }
    if (py::hasattr(object, "__dlpack__")) return numpy.attr("from_dlpack")(object);
  } catch (py::error_already_set& error) {
    // What a library says of a tensor on a GPU, or of a type that NumPy does not have.
    throw InvalidArgument("image: got " + describe(object) +
                          " whose memory cannot be read; one in the memory of the CPU is wanted (" +
                          std::string(py::str(error.value())) + ")");
  }
  return py::none();
}

/// The pixels of a plane, side by side in its rows. `format` is for messages.
py::array plane_of(const py::handle& object, const Format& format) {
  const py::object over = array_over(object);
  if (over.is_none() || !py::isinstance<py::array_t<std::uint8_t>>(over)) {
    refuse_image(over.is_none() ? object : over, format, true);
  }
  const auto array = py::reinterpret_borrow<py::array>(over);
  if (array.ndim() != 2 && array.ndim() != 3) refuse_image(array, format, false);
  constexpr py::ssize_t kLongest = 1 << 30;  // what fits int; check_image knows the real limit
  if (array.shape(0) > kLongest || array.shape(1) > kLongest) refuse_image(array, format, false);
  // An array without elements has strides without sense; check_image says what it lacks.
  const py::ssize_t bytes = array.ndim() == 3 ? array.shape(2) : 1;
  const bool side_by_side =
      array.size() == 0 || ((array.shape(1) <= 1 || array.strides(1) == bytes) &&
                            (array.ndim() == 2 || array.shape(2) <= 1 || array.strides(2) == 1));
  if (!side_by_side) {
    const bool reversed = array.ndim() == 3 && array.strides(2) == -1;
    throw InvalidArgument(
        reversed
            ? "image: got one with its channels reversed (image[..., ::-1]); the image as it was "
              "is wanted, and its order named with color=\"rgb\" or color=\"bgr\""
            : "image: got one whose pixels of a row are not side by side (a step or a transposed "
              "axis); a copy by np.ascontiguousarray is wanted");
  }
  return array;
}

bool is_plane(const py::array& array, py::ssize_t height, py::ssize_t width, int bytes) {
  return array.shape(0) == height && array.shape(1) == width &&
         (bytes == 1 ? array.ndim() == 2 : array.ndim() == 3 && array.shape(2) == bytes);
}

void set_first(HeldImage& image, const py::array& array) {
  image.data = static_cast<const std::uint8_t*>(array.data());
  image.size = {static_cast<int>(array.shape(1)), static_cast<int>(array.shape(0))};
  image.row_stride = array.strides(0);
}

/// Planes apart, the luma's first.
void view_planes(HeldImage& image, const py::sequence& planes, const Format& format) {
  const bool i420 = format.format == PixelFormat::i420;
  const std::size_t count = i420 ? 3 : 2;
  if (planes.size() != count) refuse_image(planes, format, false);
  for (std::size_t i = 0; i < count; ++i) {
    const py::array array = plane_of(planes[i], format);
    image.planes[i] = array;
    if (i == 0) {
      if (array.ndim() != 2) refuse_image(array, format, false);
      set_first(image, array);
      continue;
    }
    const py::ssize_t height = image.size.height / 2, width = image.size.width;
    const bool fits = is_plane(array, height, i420 ? width / 2 : width, 1) ||
                      (!i420 && is_plane(array, height, width / 2, 2));
    if (!fits) refuse_image(array, format, false);
    image.chroma[i - 1] = {static_cast<const std::uint8_t*>(array.data()), array.strides(0)};
  }
}

/// All of it in one array.
void view_whole(HeldImage& image, const py::handle& object, const Format& format) {
  const py::array array = plane_of(object, format);
  if (!is_plane(array, array.shape(0), array.shape(1), bytes_per_pixel(format.format))) {
    refuse_image(array, format, false);
  }
  image.planes[0] = array;
  set_first(image, array);
  if (!has_planes(format.format)) return;
  if (array.shape(0) % 3 != 0) refuse_image(array, format, false);
  image.size.height = image.size.height / 3 * 2;
  if (format.format == PixelFormat::i420 && image.row_stride != image.size.width) {
    throw InvalidArgument(
        "image: got an I420 frame whose rows are padded, so that it is not told where U and V lie; "
        "a tuple of the three planes is wanted");
  }
}

}  // namespace

PixelFormat pixel_format(const std::string& color) {
  for (const Format& candidate : kFormats) {
    if (color == candidate.name) return candidate.format;
  }
  std::string known;
  for (const Format& candidate : kFormats) list_quoted(known, candidate.name);
  throw wrong("color", quoted(color), "one of " + known + " is wanted");
}

ChannelOrder channel_order(const std::string& channels) {
  if (channels == "bgr") return ChannelOrder::bgr;
  if (channels == "rgb") return ChannelOrder::rgb;
  throw wrong("channels", quoted(channels), "\"bgr\" or \"rgb\" is wanted");
}

HeldImage held_image(const py::handle& object, PixelFormat color) {
  const Format& format = kFormats[static_cast<int>(color)];
  HeldImage image;
  image.format = color;
  if (has_planes(color) && py::isinstance<py::tuple>(object)) {
    view_planes(image, py::reinterpret_borrow<py::sequence>(object), format);
  } else {
    view_whole(image, object, format);
  }
  check_image(image);
  return image;
}

}  // namespace rostro::python
