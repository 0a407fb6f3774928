#pragma once

#include <cstdint>
#include <vector>

#include "rostro/image_view.hpp"
#include "rostro/letterbox.hpp"
#include "rostro/types.hpp"

namespace rostro {

/// Throws InvalidArgument for crops that are not 1 to 4096 pixels wide and high.
void check_crop_size(Size size);

/// A crop of `image` for each transform, which takes pixels of the crop to pixels of the image: one
/// after the other, height x width x 3 bytes in the order `channels`. Bilinear; black outside.
void warp_u8(const ImageView& image, const std::vector<Affine>& transforms, Size size,
             PixelFormat channels, std::uint8_t* out);

/// The same as normalised planes, 3 x height x width.
void warp_f32(const ImageView& image, const std::vector<Affine>& transforms, Size size,
              const TensorFormat& format, float* out);

}  // namespace rostro
