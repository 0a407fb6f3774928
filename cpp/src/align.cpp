#include "rostro/align.hpp"

#include <cmath>
#include <string>
#include <vector>

#include "dispatch.hpp"
#include "rostro/error.hpp"
#include "row_reader.hpp"
#include "tensor_format.hpp"

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

void check_size(int size) {
  if (size < 1 || size > 4096) {
    throw InvalidArgument("size: " + std::to_string(size) + "; 1 to 4096 pixels are wanted");
  }
}

/// The image as interleaved 3-byte pixels: as it is where it is so already, else a converted copy
/// of the rows.
class ColorFrame {
 public:
  ColorFrame(const ImageView& image, const KernelTable& kernel) {
    const auto [width, height] = image.size;
    if (image.format == PixelFormat::bgr || image.format == PixelFormat::rgb) {
      pixels_ = {image.data, image.row_stride, width, height};
      return;
    }
    const std::size_t row_bytes = 3 * static_cast<std::size_t>(width);
    copy_.resize(row_bytes * static_cast<std::size_t>(height));
    for (int y = 0; y < height; ++y) {
      std::uint8_t* row = copy_.data() + static_cast<std::size_t>(y) * row_bytes;
      if (image.format != PixelFormat::gray) {
        kernel.yuv_row(yuv_row(image, y), width, row);
        continue;
      }
      const std::uint8_t* gray = image.data + y * image.row_stride;
      for (int x = 0; x < width; ++x) row[3 * x] = row[3 * x + 1] = row[3 * x + 2] = gray[x];
    }
    pixels_ = {copy_.data(), static_cast<std::ptrdiff_t>(row_bytes), width, height};
  }

  const Pixels& pixels() const { return pixels_; }

 private:
  std::vector<std::uint8_t> copy_;
  Pixels pixels_{};
};

}  // namespace

AlignTemplate find_template(std::string_view name, int size) {
  check_size(size);
  std::string known;
  for (const NamedTemplate& candidate : kTemplates) {
    if (candidate.name == name) {
      // Crops of 128 pixels are those of 112 with a margin of 8 on either side and 16 below, as the
      // networks made for them were trained.
      const bool wide = name == "arcface" && size % 128 == 0 && size % candidate.size != 0;
      const float ratio =
          static_cast<float>(size) / static_cast<float>(wide ? 128 : candidate.size);
      AlignTemplate scaled = candidate.landmarks;
      for (Point& point : scaled.points) {
        point = {(point.x + (wide ? 8.0f : 0.0f)) * ratio, point.y * ratio};
      }
      return scaled;
    }
    known += (known.empty() ? "\"" : ", \"") + std::string(candidate.name) + "\"";
  }
  throw InvalidArgument("template: \"" + std::string(name) + "\" is not known; known are " + known);
}

void align_u8(const ImageView& image, const Point* landmarks, std::size_t count,
              const AlignTemplate& target, int size, PixelFormat channels, std::uint8_t* out) {
  check_image(image);
  check_size(size);
  check_channels(channels);
  const std::vector<Affine> transforms = crop_to_image(landmarks, count, target);
  if (count == 0) return;
  const KernelTable& kernel = kernels();
  const ColorFrame frame(image, kernel);
  const bool swap = swaps_channels(image.format, channels);
  for (const Affine& transform : transforms) {
    for (int y = 0; y < size; ++y, out += 3 * size) {
      kernel.warp_row(frame.pixels(), transform.m, y, size, swap, out);
    }
  }
}

void align_f32(const ImageView& image, const Point* landmarks, std::size_t count,
               const AlignTemplate& target, int size, const TensorFormat& format, float* out) {
  check_image(image);
  check_size(size);
  const ChannelScales scales = channel_scales(format);
  const std::vector<Affine> transforms = crop_to_image(landmarks, count, target);
  if (count == 0) return;
  const KernelTable& kernel = kernels();
  const ColorFrame frame(image, kernel);
  const bool swap = swaps_channels(image.format, format.channels);
  const std::size_t plane = static_cast<std::size_t>(size) * static_cast<std::size_t>(size);
  std::vector<std::uint8_t> row(3 * static_cast<std::size_t>(size));
  for (const Affine& transform : transforms) {
    for (int y = 0; y < size; ++y) {
      kernel.warp_row(frame.pixels(), transform.m, y, size, swap, row.data());
      float* first = out + static_cast<std::size_t>(y) * static_cast<std::size_t>(size);
      float* const planes[3] = {first, first + plane, first + 2 * plane};
      kernel.normalize_row(row.data(), size, scales.scale.data(), scales.bias.data(), planes);
    }
    out += 3 * plane;
  }
}

}  // namespace rostro
