#pragma once

#include <pybind11/numpy.h>

#include <array>
#include <string>

#include "rostro/image_view.hpp"
#include "rostro/tensor_format.hpp"

namespace rostro::python {

namespace py = pybind11;

/// The pixel format of this name.
PixelFormat pixel_format(const std::string& color);

/// The order of channels of this name, "bgr" or "rgb".
ChannelOrder channel_order(const std::string& channels);

/// A view of an image, and what it views.
struct HeldImage : ImageView {
  std::array<py::object, 3> planes;
};

/// The image `object`, uint8, read as `color`: (H, W, 3) for "bgr" and "rgb", (H, W, 4) for "bgra"
/// and "rgba", (H, W) for "gray", (3 H / 2, W) for "nv12", "nv21" and "i420", (H, W, 2) for "yuyv"
/// and "uyvy". It is an array, or an object with Python's buffer protocol or DLPack; formats in
/// planes may be a tuple of such, a plane each. Rows may be any distance apart; the bytes of a row
/// must be side by side. Nothing is copied.
HeldImage held_image(const py::handle& object, PixelFormat color);

}  // namespace rostro::python
