#include "rostro/input_sizes.hpp"

#include <algorithm>
#include <cmath>

#include "support/message.hpp"

namespace rostro {

namespace {

constexpr int kMostPixels = 16384;  // a side

/// More than kMostPixels where the side would be.
int rounded_up(double side, int step) {
  // A side that is a multiple but for rounding errors is one.
  const double steps = std::max(1.0, std::ceil(side / step - 1e-6));
  return steps * step > kMostPixels ? kMostPixels + 1 : static_cast<int>(steps) * step;
}

double aspect_distance(Size size, Size image) {
  const double aspect = static_cast<double>(size.width) / size.height;
  return std::abs(std::log(aspect * image.height / image.width));
}

bool in_range(Size size) {
  return std::min(size.width, size.height) >= 1 && std::max(size.width, size.height) <= kMostPixels;
}

}  // namespace

void InputSizes::check() const {
  if (step < 1 || step > kMostPixels) throw wrong("multiple", step, "1 to 16384 is wanted");
  for (const Size size : sizes) {
    if (!in_range(size)) throw wrong("det_size", size, "sides of 1 to 16384 pixels are wanted");
  }
  if (!(scale >= 0) || !std::isfinite(scale)) {
    throw wrong("min_face", scale, "a height in pixels above 0 is wanted");
  }
  if (only.width == 0) return;
  const std::string alone = "this network takes " + text(only) + " alone";
  for (const Size size : sizes) {
    if (size.width == only.width && size.height == only.height) continue;
    throw wrong("det_size", size, alone);
  }
  if (scale > 0 || longest == 0) {
    throw wrong("det_size", quoted(scale > 0 ? "auto" : "native"),
                alone + " (tile= finds smaller faces)");
  }
}

Size InputSizes::operator()(Size image) const {
  if (only.width > 0) return only;
  if (!sizes.empty()) {
    std::vector<Size> rounded;
    rounded.reserve(sizes.size());
    for (const Size size : sizes) {
      rounded.push_back({rounded_up(size.width, step), rounded_up(size.height, step)});
    }
    return *std::min_element(rounded.begin(), rounded.end(), [&](Size a, Size b) {
      return aspect_distance(a, image) < aspect_distance(b, image);
    });
  }
  double width = image.width, height = image.height;
  if (scale > 0) {
    width *= static_cast<double>(scale);
    height *= static_cast<double>(scale);
  } else if (longest > 0) {
    const double shrink = std::min(1.0, longest / std::max(width, height));
    width = std::nearbyint(width * shrink);
    height = std::nearbyint(height * shrink);
  }
  const Size size{rounded_up(width, step), rounded_up(height, step)};
  if (!in_range(size)) {
    throw wrong("image", text(image) + " pixels, too many for an input of its size",
                "an input of at most 16384 pixels a side is wanted: by det_size, min_face or tile");
  }
  return size;
}

}  // namespace rostro
