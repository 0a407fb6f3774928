#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "kernels/kernels.hpp"
#include "rostro/image_view.hpp"
#include "rostro/types.hpp"

namespace rostro {

/// Side of the crop that quality is measured in, of the template "arcface".
inline constexpr int kCropSide = 112;
/// The part of it that anything is read of: the face, and five pixels around it, or six.
inline constexpr int kCropTop = 29, kCropRows = kCropSide - kCropTop;
inline constexpr int kCropLeft = 12, kCropColumns = 88;

/// Columns of a row of the crop, `end` not among them.
struct Span {
  int begin = 0;
  int end = 0;

  int size() const { return begin < end ? end - begin : 0; }
};

/// The face from the brows to the chin in each row of a crop: an ellipse about (56, 78) of the half
/// axes 38 and 44, as far as the crop shows it.
const std::array<Span, kCropSide>& face_spans();

/// The zones of the cheeks: squares of 0.3 eye distances, half of the way from the eyes to the
/// mouth below the eyes, that begin and end below them (ISO/IEC 29794-5:2025, illumination
/// uniformity).
inline constexpr Span kLeftCheek{28, 38}, kRightCheek{74, 84};
inline constexpr int kCheekTop = 72, kCheekBottom = 82;
inline constexpr int kFewestCheekPixels = 25;  ///< of one, that anything is said of

/// A face, aligned: its pixels, their luma, and which of them lie in the image.
class FaceCrop {
 public:
  /// `pixels` are those of the part, kCropRows x kCropColumns of 3 bytes each, B, G, R; `to_image`
  /// takes a pixel of the crop to one of the image.
  FaceCrop(const std::uint8_t* pixels, const Affine& to_image, Size image,
           const KernelTable& kernel);

  const std::uint8_t* pixel(int x, int y) const { return pixels_ + 3 * place(x, y); }
  const std::uint8_t* luma(int x, int y) const { return luma_.data() + place(x, y); }

  /// The pixels of row y between the columns of `span` that lie in the image.
  Span within(Span span, int y) const;

  /// The face's pixels of row y that lie in the image.
  Span face(int y) const { return within(face_spans()[static_cast<std::size_t>(y)], y); }

 private:
  static int place(int x, int y) { return (y - kCropTop) * kCropColumns + x - kCropLeft; }

  const std::uint8_t* pixels_;
  std::array<std::uint8_t, kCropRows * kCropColumns> luma_;
  std::array<Span, kCropSide> inside_;
};

/// The same transform from pixels of the part.
Affine of_part(const Affine& to_image);

/// From pixels of the crop to those of the image: by five landmarks, or by a box where `landmarks`
/// is null. All NaN where neither says where the face is.
Affine face_crop_transform(const float* box, const Point* landmarks);

}  // namespace rostro
