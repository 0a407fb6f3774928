#include "images.hpp"

#include <iterator>

#include "arrays.hpp"
#include "support/message.hpp"

namespace rostro::python {

namespace {

struct Format {
  const char* name;
  PixelFormat format;
  int bytes;  ///< a pixel; the length of the last axis where it is more than 1
  const char* shape;
};

constexpr Format kFormats[] = {
    {"bgr", PixelFormat::bgr, 3, "(H, W, 3)"},   {"rgb", PixelFormat::rgb, 3, "(H, W, 3)"},
    {"gray", PixelFormat::gray, 1, "(H, W)"},    {"nv12", PixelFormat::nv12, 1, "(3 H / 2, W)"},
    {"yuyv", PixelFormat::yuyv, 2, "(H, W, 2)"},
};

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

ImageView image_view(const py::handle& object, PixelFormat color) {
  const Format& format = kFormats[static_cast<int>(color)];
  const auto wanted = [&] {
    return "image: got " + describe(object) + "; for color=\"" + format.name +
           "\" a uint8 array of shape " + format.shape + " is wanted";
  };
  if (!py::isinstance<py::array>(object)) throw InvalidType(wanted());
  if (!py::isinstance<py::array_t<std::uint8_t>>(object)) throw InvalidType(wanted());
  const auto array = py::reinterpret_borrow<py::array>(object);
  const py::ssize_t dimensions = format.bytes == 1 ? 2 : 3;
  if (array.ndim() != dimensions || (dimensions == 3 && array.shape(2) != format.bytes)) {
    throw InvalidArgument(wanted());
  }
  constexpr py::ssize_t kLongest = 1 << 30;  // what fits int; check_image knows the real limit
  if (array.shape(0) > kLongest || array.shape(1) > kLongest) throw InvalidArgument(wanted());
  // An array without elements has strides without sense; check_image says what it lacks.
  const bool side_by_side =
      array.size() == 0 || ((array.shape(1) <= 1 || array.strides(1) == format.bytes) &&
                            (dimensions == 2 || array.strides(2) == 1));
  if (!side_by_side) {
    const bool reversed = dimensions == 3 && array.strides(2) == -1;
    throw InvalidArgument(
        reversed
            ? "image: got one with its channels reversed (image[..., ::-1]); the image as it was "
              "is wanted, and its order named with color=\"rgb\" or color=\"bgr\""
            : "image: got one whose pixels of a row are not side by side (a step or a transposed "
              "axis); a copy by np.ascontiguousarray is wanted");
  }
  ImageView view;
  view.data = static_cast<const std::uint8_t*>(array.data());
  view.size = {static_cast<int>(array.shape(1)), static_cast<int>(array.shape(0))};
  view.row_stride = array.strides(0);
  view.format = color;
  if (color == PixelFormat::nv12) {
    if (array.shape(0) % 3 != 0) throw InvalidArgument(wanted());
    view.size.height = view.size.height / 3 * 2;
  }
  check_image(view);
  return view;
}

}  // namespace rostro::python
