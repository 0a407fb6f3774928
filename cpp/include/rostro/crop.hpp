#pragma once

#include <cstddef>
#include <cstdint>

#include "rostro/image_view.hpp"
#include "rostro/tensor_format.hpp"
#include "rostro/types.hpp"

namespace rostro {

/// Stretches `count` boxes (x1, y1, x2, y2: the pixels from x1 up to x2, as an array is sliced) of
/// `image` to crops, as networks take them that were trained without alignment. What of a box lies
/// outside the image is cut off first. Bilinear, without smoothing where it shrinks.
///
/// `out` receives count x height x width x 3 bytes in the order `channels`.
/// Thread-safe. Throws InvalidArgument that names the box of which nothing lies in the image.
void crop_boxes_u8(const ImageView& image, const float* boxes, std::size_t count, Size size,
                   ChannelOrder channels, std::uint8_t* out);

/// The same, as normalised planes: count x 3 x height x width float32.
void crop_boxes_f32(const ImageView& image, const float* boxes, std::size_t count, Size size,
                    const TensorFormat& format, float* out);

}  // namespace rostro
