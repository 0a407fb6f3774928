#include "attributes/face_crop.hpp"

#include <algorithm>
#include <cmath>

#include "rostro/similarity.hpp"
#include "rostro/templates.hpp"
#include "support/finite.hpp"
#include "support/precision.hpp"

namespace rostro {

namespace {

/// Of blue, green and red, in 1/128 (ITU-R BT.601).
constexpr std::uint8_t kLumaWeights[3] = {15, 75, 38};

/// Where the middle of a face's box is in its aligned crop, and the mean of the box's sides:
/// medians of the default detector's boxes of LFW.
constexpr double kBoxX = 56, kBoxY = 66, kBoxSide = 93;

/// The x for which 0 <= start + step x <= last, cut from `span`.
void cut(Span& span, double start, double step, double last) {
  if (step == 0) {
    if (!(start >= 0 && start <= last)) span.end = span.begin;
    return;
  }
  const double at_first = -start / step, at_last = (last - start) / step;
  const double low = std::ceil(std::min(at_first, at_last));
  const double high = std::floor(std::max(at_first, at_last)) + 1;
  span.begin = static_cast<int>(std::clamp(low, static_cast<double>(span.begin), 1e6));
  span.end = static_cast<int>(std::clamp(high, -1.0, static_cast<double>(span.end)));
}

/// Whether all of the crop lies in the image, and a pixel from its border.
bool all_inside(const Affine& to_image, Size image) {
  const float* m = to_image.m;
  for (const double y : {0, kCropSide}) {
    for (const double x : {0, kCropSide}) {
      const double column = d(m[0]) * x + d(m[1]) * y + d(m[2]);
      const double row = d(m[3]) * x + d(m[4]) * y + d(m[5]);
      if (!(column >= 1 && column <= image.width - 2)) return false;
      if (!(row >= 1 && row <= image.height - 2)) return false;
    }
  }
  return true;
}

Affine invert(const Affine& affine) {
  const double a = d(affine.m[0]), b = d(affine.m[3]), x = d(affine.m[2]), y = d(affine.m[5]);
  const double norm = a * a + b * b;
  return {{f(a / norm), f(b / norm), f(-(a * x + b * y) / norm), f(-b / norm), f(a / norm),
           f((b * x - a * y) / norm)}};
}

}  // namespace

const std::array<Span, kCropSide>& face_spans() {
  static const std::array<Span, kCropSide> kSpans = [] {
    std::array<Span, kCropSide> spans;
    for (int y = 0; y < kCropSide; ++y) {
      const double up = (y - 78) / 44.0;
      if (up * up > 1) continue;
      const int half = static_cast<int>(38 * std::sqrt(1 - up * up));
      spans[static_cast<std::size_t>(y)] = {56 - half, 57 + half};
    }
    return spans;
  }();
  return kSpans;
}

FaceCrop::FaceCrop(const std::uint8_t* pixels, const Affine& to_image, Size image,
                   const KernelTable& kernel)
    : pixels_(pixels) {
  // Rows have no gaps between them.
  kernel.luma_row(pixels, kCropRows * kCropColumns, kLumaWeights, luma_.data());
  constexpr Span kAll = {kCropLeft, kCropLeft + kCropColumns};
  inside_.fill(kAll);
  if (all_inside(to_image, image)) return;
  const float* m = to_image.m;
  for (int y = kCropTop; y < kCropSide; ++y) {
    Span& span = inside_[static_cast<std::size_t>(y)];
    cut(span, d(m[1]) * y + d(m[2]), d(m[0]), image.width - 1);
    cut(span, d(m[4]) * y + d(m[5]), d(m[3]), image.height - 1);
  }
}

Span FaceCrop::within(Span span, int y) const {
  const Span& inside = inside_[static_cast<std::size_t>(y)];
  return {std::max(span.begin, inside.begin), std::min(span.end, inside.end)};
}

Affine of_part(const Affine& to_image) {
  Affine moved = to_image;
  for (const int row : {0, 3}) {
    const float* m = to_image.m + row;
    moved.m[row + 2] = f(d(m[0]) * kCropLeft + d(m[1]) * kCropTop + d(m[2]));
  }
  return moved;
}

Affine face_crop_transform(const float* box, const Point* landmarks) {
  static const CropTemplate kTemplate = find_template("arcface", {kCropSide, kCropSide});
  const Affine none = {{NAN, NAN, NAN, NAN, NAN, NAN}};
  Affine transform = none;
  if (landmarks != nullptr) {
    const auto* first = reinterpret_cast<const float*>(landmarks);
    const bool one_point = std::all_of(landmarks, landmarks + kLandmarks, [&](const Point& point) {
      return point.x == landmarks->x && point.y == landmarks->y;
    });
    if (!all_finite(first, 2 * kLandmarks) || one_point) return none;
    transform = invert(estimate_similarity(landmarks, kTemplate.points, kLandmarks));
  } else {
    if (!all_finite(box, 4)) return none;
    const double width = d(box[2]) - d(box[0]), height = d(box[3]) - d(box[1]);
    if (!(width > 0) || !(height > 0)) return none;
    const double scale = (width + height) / 2 / kBoxSide;
    // Edges of a box lie between pixels, whose centers are at integers.
    const double x = (d(box[0]) + d(box[2]) - 1) / 2, y = (d(box[1]) + d(box[3]) - 1) / 2;
    transform = {{f(scale), 0, f(x - scale * kBoxX), 0, f(scale), f(y - scale * kBoxY)}};
  }
  return all_finite(transform.m, 6) ? transform : none;
}

}  // namespace rostro
