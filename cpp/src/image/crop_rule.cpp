#include "rostro/crop_rule.hpp"

#include <algorithm>
#include <cmath>

#include "geometry/crop_size.hpp"
#include "image/eyes.hpp"
#include "image/tensor_format.hpp"
#include "image/warp.hpp"
#include "rostro/similarity.hpp"
#include "rostro/templates.hpp"
#include "support/finite.hpp"
#include "support/message.hpp"
#include "support/precision.hpp"

namespace rostro {

namespace {

/// In double, as a crop's origin can lie thousands of pixels away.
struct Part {
  double x, y, width, height;  // of the centre; of the sides
};

const Column& column_of(CropAround around) {
  return around == CropAround::box         ? columns::boxes
         : around == CropAround::landmarks ? columns::landmarks
                                           : columns::points;
}

const float* needed(const Faces& faces, const Column& column) {
  const float* numbers = faces.get(column);
  if (numbers == nullptr && faces.size() > 0) {
    throw wrong("faces", "a table without " + column.name,
                column.name + " are wanted, by which the faces are cropped");
  }
  return numbers;
}

/// The box around points, whose centres of pixels are at integers while edges lie between them.
Part around_points(const float* points, std::size_t count, std::size_t sides) {
  if (!all_finite(points, count * sides)) return {NAN, NAN, NAN, NAN};
  float low[2] = {points[0], points[1]}, high[2] = {points[0], points[1]};
  for (std::size_t i = 1; i < count; ++i) {
    for (std::size_t axis = 0; axis < 2; ++axis) {
      low[axis] = std::min(low[axis], points[i * sides + axis]);
      high[axis] = std::max(high[axis], points[i * sides + axis]);
    }
  }
  return {(d(low[0]) + d(high[0])) / 2, (d(low[1]) + d(high[1])) / 2, d(high[0]) - d(low[0]),
          d(high[1]) - d(low[1])};
}

class Around {
 public:
  Around(CropAround around, const Faces& faces) : column_(column_of(around)) {
    numbers_ = needed(faces, column_);
    faces.each([&](const Faces::Entry& entry) {
      if (entry.column.name == column_.name) {
        width_ = entry.width();
        sides_ = entry.sides.size() == 2 ? static_cast<std::size_t>(entry.sides[1]) : 0;
      }
    });
  }

  Part of(std::size_t face) const {
    const float* at = numbers_ + face * width_;
    const Part found = sides_ == 0
                           ? Part{(d(at[0]) + d(at[2]) - 1) / 2, (d(at[1]) + d(at[3]) - 1) / 2,
                                  d(at[2]) - d(at[0]), d(at[3]) - d(at[1])}
                           : around_points(at, width_ / sides_, sides_);
    const double sum = found.x + found.y + found.width + found.height;
    if (!std::isfinite(sum) || !(found.width > 0) || !(found.height > 0)) {
      throw InvalidArgument(entry(column_.name, face) +
                            ": got an empty one, or numbers that are not finite; a " +
                            "width and a height above 0 are wanted");
    }
    return found;
  }

 private:
  const Column& column_;
  const float* numbers_ = nullptr;
  std::size_t width_ = 0;  // numbers a face
  std::size_t sides_ = 0;  // numbers a point; 0 of boxes
};

void shape(const CropRule& rule, Part& region) {
  double width = region.width, height = region.height;
  const double aspect = static_cast<double>(rule.size.width) / rule.size.height;
  switch (rule.shape) {
    case CropShape::longer:
      width = height = std::max(width, height);
      break;
    case CropShape::width:
      height = width;
      break;
    case CropShape::mean:
      width = height = (width + height) / 2;
      break;
    case CropShape::enclose:
      width = std::max(width, height * aspect);
      height = width / aspect;
      break;
    case CropShape::stretch:
      break;
  }
  region.width = width * d(rule.scale);
  region.height = height * d(rule.scale);
}

/// Cosine and sine of an angle.
using Turn = std::pair<double, double>;

/// The angle by which the line through the eyes is turned.
Turn turn(const float* landmarks, std::size_t face) {
  const float* at = landmarks + face * 2 * kLandmarks;
  const double x = d(at[2]) - d(at[0]), y = d(at[3]) - d(at[1]);
  const double length = std::hypot(x, y);
  if (!std::isfinite(length) || !(length > 0)) {
    throw InvalidArgument(entry("landmarks", face) +
                          ": got eyes at one point, or not finite; those of a face are wanted, by "
                          "which it is turned upright");
  }
  return {x / length, y / length};
}

/// From the crop of a region, turned by an angle, to the image.
Affine from_crop(const CropRule& rule, Part region, Turn turned) {
  const auto [cosine, sine] = turned;
  const double right = d(rule.shift_x) * region.width, down = d(rule.shift_y) * region.height;
  shape(rule, region);
  const double x = region.x + right * cosine - down * sine;
  const double y = region.y + right * sine + down * cosine;
  const double across = region.width / rule.size.width;
  const double along = region.height / rule.size.height;
  const double a = across * cosine, b = -along * sine, c = across * sine, e = along * cosine;
  const double middle_x = (rule.size.width - 1) / 2.0, middle_y = (rule.size.height - 1) / 2.0;
  return {{f(a), f(b), f(x - a * middle_x - b * middle_y), f(c), f(e),
           f(y - c * middle_x - e * middle_y)}};
}

/// From a crop in which the landmarks of a face lie as those of a template, to the image.
Affine aligned(const Point* landmarks, std::size_t face, const CropTemplate& target) {
  try {
    const Affine to_crop =
        estimate_similarity(landmarks + face * kLandmarks, target.points, kLandmarks);
    const Affine back = inverse(to_crop);
    if (all_finite(back.m, 6)) return back;
  } catch (const InvalidArgument& error) {
    throw InvalidArgument(entry("landmarks", face) + ": " + error.what());
  }
  throw InvalidArgument(entry("landmarks", face) +
                        ": got points from which no similarity to the crop template follows; "
                        "those of a face are wanted");
}

}  // namespace

void check_crop_rule(const CropRule& rule) {
  check_crop_size(rule.size);
  channel_scales(rule.input);
  if (!rule.aligned_to.empty()) find_template(rule.aligned_to, rule.size);
  if (!(rule.scale > 0) || !(rule.scale <= 100)) {
    throw wrong("scale", rule.scale, "a number above 0, at most 100, is wanted");
  }
  for (const float shift : {rule.shift_x, rule.shift_y}) {
    if (!(std::fabs(shift) <= 10)) throw wrong("shift", shift, "-10 to 10 is wanted");
  }
}

std::vector<Affine> crop_transforms(const CropRule& rule, const Faces& faces, std::size_t begin,
                                    std::size_t count) {
  std::vector<Affine> transforms;
  crop_transforms(rule, faces, begin, count, transforms);
  return transforms;
}

void crop_transforms(const CropRule& rule, const Faces& faces, std::size_t begin, std::size_t count,
                     std::vector<Affine>& transforms) {
  if (begin > faces.size() || count > faces.size() - begin) {
    throw wrong("count", text(begin) + " + " + text(count),
                "faces of the table's " + text(faces.size()) + " are wanted");
  }
  transforms.clear();
  transforms.reserve(count);
  if (!rule.aligned_to.empty()) {
    const CropTemplate target = find_template(rule.aligned_to, rule.size);
    const auto* landmarks = reinterpret_cast<const Point*>(needed(faces, columns::landmarks));
    for (std::size_t i = begin; i < begin + count; ++i) {
      transforms.push_back(aligned(landmarks, i, target));
    }
    return;
  }
  if (rule.around == CropAround::left_eye || rule.around == CropAround::right_eye) {
    const Eyes eyes(faces);
    const std::size_t which = rule.around == CropAround::left_eye ? 0 : 1;
    for (std::size_t i = begin; i < begin + count; ++i) {
      const auto [left, right] = eyes.of(i);
      const Eye& eye = which == 0 ? left : right;
      const double x = right.x - left.x, y = right.y - left.y, apart = std::hypot(x, y);
      transforms.push_back(from_crop(rule, {eye.x, eye.y, eye.width, eye.width},
                                     rule.upright ? Turn(x / apart, y / apart) : Turn(1, 0)));
    }
    return;
  }
  const Around around(rule.around, faces);
  const float* landmarks = rule.upright ? needed(faces, columns::landmarks) : nullptr;
  for (std::size_t i = begin; i < begin + count; ++i) {
    transforms.push_back(
        from_crop(rule, around.of(i), rule.upright ? turn(landmarks, i) : Turn(1, 0)));
  }
}

Affine inverse(const Affine& transform) {
  const float* m = transform.m;
  const double determinant = d(m[0]) * d(m[4]) - d(m[1]) * d(m[3]);
  const double a = d(m[4]) / determinant, b = -d(m[1]) / determinant;
  const double c = -d(m[3]) / determinant, e = d(m[0]) / determinant;
  return {{f(a), f(b), f(-a * d(m[2]) - b * d(m[5])), f(c), f(e), f(-c * d(m[2]) - e * d(m[5]))}};
}

void crop_f32(const ImageView& image, const std::vector<Affine>& transforms, const CropRule& rule,
              float* tensor) {
  check_image(image);
  warp_f32(image, transforms, rule.size, rule.input, tensor);
}

}  // namespace rostro
