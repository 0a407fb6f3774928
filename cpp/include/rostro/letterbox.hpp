#pragma once

#include <cstdint>

#include "rostro/image_view.hpp"
#include "rostro/tensor_format.hpp"
#include "rostro/types.hpp"

namespace rostro {

/// Where a letterboxed image lies in its tensor: image = scale * tensor + offset, pixel centres at
/// integer coordinates in both. What a network tells of the tensor is multiplied by the scale
/// alone: it learns from labels that were (docs/measured/small-faces.md).
struct LetterboxTransform {
  float scale_x = 1;
  float scale_y = 1;
  float offset_x = 0;
  float offset_y = 0;
};

/// Where the image goes.
struct LetterboxLayout {
  Size target;           ///< of the tensor
  bool upscale = true;   ///< whether an image smaller than the target grows to fit it
  std::uint8_t pad = 0;  ///< the pixel value around it
};

/// The part of the tensor, from its top-left corner, that an image of `image` pixels fills when it
/// is scaled to fit with its aspect ratio kept.
Size letterbox_content(Size image, const LetterboxLayout& layout);

/// The transform from pixels of the tensor to pixels of the image.
LetterboxTransform letterbox_transform(Size image, const LetterboxLayout& layout);

/// Scales `image` to fit the target, puts it at the top-left corner, fills the rest with the
/// padding and writes (pixel - mean) / std as three planes of float32 to `out` (3 x height x
/// width).
///
/// Resampling, per axis with s = image / content: a pixel x of the tensor has its centre at
/// (x + 0.5) s - 0.5 of the image. For s <= 2 it is bilinear between the two nearest pixels (edge
/// pixels repeat), for s > 2 the mean over the s pixels that it covers, those at the ends by the
/// part covered. Nothing is rounded to 8 bits in between.
///
/// Thread-safe; allocates nothing once a thread has seen the largest of its sizes.
LetterboxTransform letterbox_f32(const ImageView& image, const LetterboxLayout& layout,
                                 const TensorFormat& format, float* out);

/// The same without normalisation, rounded to uint8 planes in the order `channels`.
LetterboxTransform letterbox_u8(const ImageView& image, const LetterboxLayout& layout,
                                ChannelOrder channels, std::uint8_t* out);

}  // namespace rostro
