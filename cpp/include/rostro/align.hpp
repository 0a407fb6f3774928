#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "rostro/image_view.hpp"
#include "rostro/templates.hpp"
#include "rostro/tensor_format.hpp"
#include "rostro/types.hpp"

namespace rostro {

/// Warps `count` faces out of `image` to crops, `landmarks` being five points a face. Each
/// crop is bilinear; what lies outside the image is black, and blends into its border as in
/// OpenCV's BORDER_CONSTANT.
///
/// `out` receives count x height x width x 3 bytes in the order `channels`.
/// Thread-safe. Throws InvalidArgument that names the face whose landmarks cannot be used.
void align_u8(const ImageView& image, const Point* landmarks, std::size_t count,
              const CropTemplate& target, Size size, ChannelOrder channels, std::uint8_t* out);

/// The same, as normalised planes: count x 3 x height x width float32, (pixel - mean) / std of the
/// very bytes that `align_u8` gives.
void align_f32(const ImageView& image, const Point* landmarks, std::size_t count,
               const CropTemplate& target, Size size, const TensorFormat& format, float* out);

}  // namespace rostro
