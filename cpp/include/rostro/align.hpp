#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "rostro/image_view.hpp"
#include "rostro/letterbox.hpp"
#include "rostro/types.hpp"

namespace rostro {

/// The similarity (rotation, uniform scale, translation; never a reflection) that takes `count`
/// points `src` to `dst` with the least squared error. In two dimensions the solution of Umeyama
/// ("Least-squares estimation of transformation parameters between two point patterns", 1991,
/// eq. 40-42) is closed: with centred points p and q, a = sum(p.q) / sum|p|^2 and
/// b = sum(p x q) / sum|p|^2 give [[a, -b], [b, a]].
/// Throws InvalidArgument when a point is not finite or all of `src` coincide.
Affine estimate_similarity(const Point* src, const Point* dst, std::size_t count);

/// The landmarks of a face in an aligned crop.
struct AlignTemplate {
  Point points[kLandmarks];
};

/// Template of this name for crops of `size`: "arcface" (made for 112x112; for multiples of 128 its
/// variant for 128, whose points lie 8 pixels further right), "ffhq" (made for 512x512). Crops that
/// are not square have the template of their height, with as much cut off or added at the left as
/// at the right: 96x112 is that of SphereFace. Throws InvalidArgument with the known names
/// otherwise.
AlignTemplate find_template(std::string_view name, Size size);

/// Warps `count` faces out of `image` to crops, `landmarks` being five points a face. Each
/// crop is bilinear; what lies outside the image is black, and blends into its border as in
/// OpenCV's BORDER_CONSTANT.
///
/// `out` receives count x height x width x 3 bytes in the order `channels` (bgr or rgb).
/// Thread-safe. Throws InvalidArgument that names the face whose landmarks cannot be used.
void align_u8(const ImageView& image, const Point* landmarks, std::size_t count,
              const AlignTemplate& target, Size size, PixelFormat channels, std::uint8_t* out);

/// The same, as normalised planes: count x 3 x height x width float32, (pixel - mean) / std of the
/// very bytes that `align_u8` gives.
void align_f32(const ImageView& image, const Point* landmarks, std::size_t count,
               const AlignTemplate& target, Size size, const TensorFormat& format, float* out);

}  // namespace rostro
