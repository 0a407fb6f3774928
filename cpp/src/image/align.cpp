#include "rostro/align.hpp"

#include <cmath>
#include <string>
#include <vector>

#include "image/warp.hpp"
#include "rostro/error.hpp"

namespace rostro {

namespace {

struct NamedTemplate {
  std::string_view name;
  int size;
  AlignTemplate landmarks;
};

constexpr NamedTemplate kTemplates[] = {
    {"arcface",
     112,
     {{{38.2946f, 51.6963f},
       {73.5318f, 51.5014f},
       {56.0252f, 71.7366f},
       {41.5493f, 92.3655f},
       {70.7299f, 92.2041f}}}},
    {"ffhq",
     512,
     {{{192.98f, 239.95f},
       {318.90f, 240.19f},
       {256.63f, 314.02f},
       {201.26f, 371.41f},
       {313.09f, 371.15f}}}},
};

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

std::vector<Affine> crop_to_image(const Point* landmarks, std::size_t count,
                                  const AlignTemplate& target) {
  std::vector<Affine> transforms;
  transforms.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::string face = "landmarks[" + std::to_string(i) + "]: ";
    try {
      transforms.push_back(
          invert(estimate_similarity(landmarks + i * kLandmarks, target.points, kLandmarks)));
    } catch (const InvalidArgument& error) {
      throw InvalidArgument(face + error.what());
    }
    for (const float value : transforms.back().m) {
      if (!std::isfinite(value)) {
        throw InvalidArgument(face + "the points give no similarity to the template");
      }
    }
  }
  return transforms;
}

}  // namespace

AlignTemplate find_template(std::string_view name, Size size) {
  check_crop_size(size);
  std::string known;
  for (const NamedTemplate& candidate : kTemplates) {
    if (candidate.name == name) {
      // Crops of 128 pixels are those of 112 with a margin of 8 on either side and 16 below, as the
      // networks made for them were trained.
      const int side = size.height;
      const bool wide = name == "arcface" && side % 128 == 0 && side % candidate.size != 0;
      const float ratio =
          static_cast<float>(side) / static_cast<float>(wide ? 128 : candidate.size);
      const float shift = static_cast<float>(size.width - side) / 2;
      AlignTemplate scaled = candidate.landmarks;
      for (Point& point : scaled.points) {
        point = {(point.x + (wide ? 8.0f : 0.0f)) * ratio + shift, point.y * ratio};
      }
      return scaled;
    }
    known += (known.empty() ? "\"" : ", \"") + std::string(candidate.name) + "\"";
  }
  throw InvalidArgument("template: \"" + std::string(name) + "\" is not known; known are " + known);
}

void align_u8(const ImageView& image, const Point* landmarks, std::size_t count,
              const AlignTemplate& target, Size size, PixelFormat channels, std::uint8_t* out) {
  check_image(image);
  check_crop_size(size);
  warp_u8(image, crop_to_image(landmarks, count, target), size, channels, out);
}

void align_f32(const ImageView& image, const Point* landmarks, std::size_t count,
               const AlignTemplate& target, Size size, const TensorFormat& format, float* out) {
  check_image(image);
  check_crop_size(size);
  warp_f32(image, crop_to_image(landmarks, count, target), size, format, out);
}

}  // namespace rostro
