#include "image/eyes.hpp"

#include <algorithm>
#include <cmath>

#include "rostro/schemes.hpp"
#include "support/message.hpp"
#include "support/precision.hpp"

namespace rostro {

namespace {

/// Width of an eye in distances of the eyes: of the mean face 0.40 ("mesh468", "ibug68") to 0.42
/// ("wflw98").
constexpr double kWidth = 0.4;

/// The scheme of the table's points; null where there are none, or of a scheme of the user's own.
const Scheme* scheme_of(const Faces& faces) {
  try {
    return faces.has(columns::points) ? &find_scheme(faces.scheme) : nullptr;
  } catch (const InvalidArgument&) {
    return nullptr;
  }
}

}  // namespace

Eyes::Eyes(const Faces& faces) {
  const Scheme* scheme = scheme_of(faces);
  if (scheme != nullptr && scheme->eye_corners[0] != scheme->eye_corners[1]) {
    points_ = faces.get(columns::points);
    corners_ = {scheme->eye_corners[0], scheme->inner_corners[0], scheme->inner_corners[1],
                scheme->eye_corners[1]};
    std::size_t points = 0;
    faces.each([&](const Faces::Entry& entry) {
      if (entry.column.name != columns::points.name) return;
      points = static_cast<std::size_t>(entry.sides[0]);
      sides_ = static_cast<std::size_t>(entry.sides[1]);
    });
    if (points != scheme->count) {
      throw wrong("points", text(points) + " a face",
                  text(scheme->count) + " are wanted by the scheme " + quoted(scheme->name));
    }
    width_ = points * sides_;
    return;
  }
  landmarks_ = true;
  width_ = 2 * kLandmarks;
  points_ = faces.get(columns::landmarks);
  if (points_ == nullptr && faces.size() > 0) {
    throw wrong("faces", std::string_view("a table without landmarks and points"),
                "one of them is wanted, by which eyes are cropped");
  }
}

std::array<Eye, 2> Eyes::of(std::size_t face) const {
  const float* at = points_ + face * width_;
  std::array<Eye, 2> eyes = {};
  if (landmarks_) {
    const double width = kWidth * std::hypot(d(at[2]) - d(at[0]), d(at[3]) - d(at[1]));
    eyes = {{{d(at[0]), d(at[1]), width}, {d(at[2]), d(at[3]), width}}};
  } else {
    for (std::size_t eye = 0; eye < 2; ++eye) {
      const float *a = at + corners_[2 * eye] * sides_, *b = at + corners_[2 * eye + 1] * sides_;
      eyes[eye] = {(d(a[0]) + d(b[0])) / 2, (d(a[1]) + d(b[1])) / 2,
                   std::hypot(d(b[0]) - d(a[0]), d(b[1]) - d(a[1]))};
    }
  }
  const double apart = std::hypot(eyes[1].x - eyes[0].x, eyes[1].y - eyes[0].y);
  const double least = std::min({apart, eyes[0].width, eyes[1].width});
  if (!(least > 0) || !std::isfinite(apart + eyes[0].width + eyes[1].width)) {
    throw InvalidArgument(entry(landmarks_ ? "landmarks" : "points", face) +
                          ": got eyes at one point, of no width, or not finite; those of a face "
                          "are wanted, by which they are cropped");
  }
  return eyes;
}

}  // namespace rostro
