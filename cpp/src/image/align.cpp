#include "rostro/align.hpp"

#include <cmath>
#include <vector>

#include "geometry/crop_size.hpp"
#include "image/warp.hpp"
#include "rostro/similarity.hpp"
#include "support/message.hpp"

namespace rostro {

namespace {

/// From pixels of the crop to pixels of the image: the inverse of the similarity, in double,
/// because the crop's origin can lie thousands of pixels away.
Affine invert(const Affine& affine) {
  const auto d = [](float value) { return static_cast<double>(value); };
  const double a = d(affine.m[0]), b = d(affine.m[3]);
  const double x = d(affine.m[2]), y = d(affine.m[5]);
  const double norm = a * a + b * b;
  const auto f = [](double value) { return static_cast<float>(value); };
  return {{f(a / norm), f(b / norm), f(-(a * x + b * y) / norm), f(-b / norm), f(a / norm),
           f((b * x - a * y) / norm)}};
}

/// In memory that the thread keeps.
const std::vector<Affine>& crop_to_image(const Point* landmarks, std::size_t count,
                                         const CropTemplate& target) {
  thread_local std::vector<Affine> transforms;
  transforms.clear();
  for (std::size_t i = 0; i < count; ++i) {
    const auto face = [&] { return entry("landmarks", i) + ": "; };
    try {
      transforms.push_back(
          invert(estimate_similarity(landmarks + i * kLandmarks, target.points, kLandmarks)));
    } catch (const InvalidArgument& error) {
      throw InvalidArgument(face() + error.what());
    }
    for (const float value : transforms.back().m) {
      if (!std::isfinite(value)) {
        throw InvalidArgument(
            face() +
            "got points from which no similarity to the crop template follows; those of a "
            "face are wanted");
      }
    }
  }
  return transforms;
}

}  // namespace

void align_u8(const ImageView& image, const Point* landmarks, std::size_t count,
              const CropTemplate& target, Size size, ChannelOrder channels, std::uint8_t* out) {
  check_image(image);
  check_crop_size(size);
  warp_u8(image, crop_to_image(landmarks, count, target), size, channels, out);
}

void align_f32(const ImageView& image, const Point* landmarks, std::size_t count,
               const CropTemplate& target, Size size, const TensorFormat& format, float* out) {
  check_image(image);
  check_crop_size(size);
  warp_f32(image, crop_to_image(landmarks, count, target), size, format, out);
}

}  // namespace rostro
