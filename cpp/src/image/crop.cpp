#include "rostro/crop.hpp"

#include <algorithm>
#include <vector>

#include "geometry/crop_size.hpp"
#include "image/warp.hpp"
#include "support/message.hpp"

namespace rostro {

namespace {

/// From pixels of the crop to pixels of the image: edges go to edges, while centres of pixels are
/// at integer coordinates.
std::vector<Affine> crop_to_image(const ImageView& image, const float* boxes, std::size_t count,
                                  Size size) {
  check_image(image);
  check_crop_size(size);
  const auto width = static_cast<float>(image.size.width);
  const auto height = static_cast<float>(image.size.height);
  std::vector<Affine> transforms;
  transforms.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const float* box = boxes + 4 * i;
    const float x1 = std::max(box[0], 0.0f), x2 = std::min(box[2], width);
    const float y1 = std::max(box[1], 0.0f), y2 = std::min(box[3], height);
    const bool numbers = box[0] < box[2] && box[1] < box[3];  // false of NaN
    if (!numbers || !(x1 < x2) || !(y1 < y2)) {
      throw InvalidArgument(entry("boxes", i) +
                            ": got one of which nothing lies in the image; boxes "
                            "of the image are wanted");
    }
    const float across = (x2 - x1) / static_cast<float>(size.width);
    const float down = (y2 - y1) / static_cast<float>(size.height);
    transforms.push_back({{across, 0, x1 + across / 2 - 0.5f, 0, down, y1 + down / 2 - 0.5f}});
  }
  return transforms;
}

}  // namespace

void crop_boxes_u8(const ImageView& image, const float* boxes, std::size_t count, Size size,
                   ChannelOrder channels, std::uint8_t* out) {
  warp_u8(image, crop_to_image(image, boxes, count, size), size, channels, out);
}

void crop_boxes_f32(const ImageView& image, const float* boxes, std::size_t count, Size size,
                    const TensorFormat& format, float* out) {
  warp_f32(image, crop_to_image(image, boxes, count, size), size, format, out);
}

}  // namespace rostro
