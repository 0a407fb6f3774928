#pragma once

#include <cstdint>
#include <vector>

#include "rostro/image_view.hpp"
#include "rostro/tensor_format.hpp"
#include "rostro/types.hpp"

namespace rostro {

/// A crop of `image` for each transform, which takes pixels of the crop to pixels of the image: one
/// after the other, height x width x 3 bytes in the order `channels`. Bilinear; black outside.
void warp_u8(const ImageView& image, const std::vector<Affine>& transforms, Size size,
             ChannelOrder channels, std::uint8_t* out);

/// The same as normalised planes, 3 x height x width.
void warp_f32(const ImageView& image, const std::vector<Affine>& transforms, Size size,
              const TensorFormat& format, float* out);

}  // namespace rostro
