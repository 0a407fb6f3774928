#pragma once

#include <pybind11/numpy.h>

#include <string>

#include "rostro/image_view.hpp"
#include "rostro/tensor_format.hpp"

namespace rostro::python {

namespace py = pybind11;

/// The pixel format of this name.
PixelFormat pixel_format(const std::string& color);

/// The order of channels of this name, "bgr" or "rgb".
ChannelOrder channel_order(const std::string& channels);

/// A view of the image `object`, uint8, read as `color`: (H, W, 3) for "bgr" and "rgb", (H, W) for
/// "gray", (3 H / 2, W) for "nv12", (H, W, 2) for "yuyv". Rows may be any distance apart; the bytes
/// of a row must be side by side. The array must outlive the view.
ImageView image_view(const py::handle& object, PixelFormat color);

}  // namespace rostro::python
