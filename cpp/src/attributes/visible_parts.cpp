#include "attributes/visible_parts.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "attributes/face_crop.hpp"
#include "attributes/face_parts.hpp"
#include "rostro/crop_rule.hpp"
#include "support/finite.hpp"

namespace rostro {

namespace {

/// Around an eye, that must be visible, too (ISO/IEC 39794-5, eye visibility zone), in distances of
/// the eyes.
constexpr double kAroundEye = 0.05;
// Of the mean face, in distances of the eyes: an eye between its corners and between its lids, the
// lips from above to below, and how far their middle is below the line through their corners.
constexpr double kEyeWidth = 0.4, kEyeHeight = 0.13, kMouthHeight = 0.35, kBelowCorners = 0.04;

Place moved(const Affine& transform, double x, double y) {
  const auto m = [&](int i) { return static_cast<double>(transform.m[i]); };
  return {m(0) * x + m(1) * y + m(2), m(3) * x + m(4) * y + m(5)};
}

Place moved(const Affine& transform, const float* point) {
  return moved(transform, static_cast<double>(point[0]), static_cast<double>(point[1]));
}

/// A part of the face, in its aligned crop.
struct Zone {
  Place middle;
  double half_width, half_height;
  bool ellipse = false;

  bool holds(int x, int y) const {
    const double right = (x - middle.x) / half_width, down = (y - middle.y) / half_height;
    return !ellipse || right * right + down * down <= 1;
  }
  /// Whether it is at a place, and of a size, where a crop can have it.
  bool possible() const {
    return std::abs(middle.x) <= 2 * kCropSide && std::abs(middle.y) <= 2 * kCropSide &&
           half_width > 0 && half_height > 0 && half_width <= kCropSide && half_height <= kCropSide;
  }
};

/// The face from the brows to the chin: that of `face_spans`.
constexpr Zone kFace = {{56, 78}, 38, 44, true};

/// The box around the corners and lids of an eye.
Zone eye_of(const FacePoints& face, const FaceParts& parts, std::size_t eye,
            const Affine& to_crop) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  Place first = {kInfinity, kInfinity}, last = {-kInfinity, -kInfinity};
  const auto add = [&](const PointPair& pair) {
    for (const std::uint16_t index : pair) {
      const Place place = moved(to_crop, face.points + index * face.sides);
      first = {std::min(first.x, place.x), std::min(first.y, place.y)};
      last = {std::max(last.x, place.x), std::max(last.y, place.y)};
    }
  };
  add(parts.eye_corners[eye]);
  for (const PointPair& lids : parts.lids[eye]) add(lids);
  return {{(first.x + last.x) / 2, (first.y + last.y) / 2},
          (last.x - first.x) / 2,
          (last.y - first.y) / 2};
}

/// The places of the five landmarks.
std::array<Place, kLandmarks> five_of(const FacePoints& face, const Affine& to_crop) {
  std::array<Place, kLandmarks> five;
  for (std::size_t i = 0; i < five.size(); ++i) {
    five[i] = moved(to_crop, static_cast<double>(face.landmarks[i].x),
                    static_cast<double>(face.landmarks[i].y));
  }
  return five;
}

/// Both eyes' zones: by their points where the table has these, else as large as usual.
std::vector<Zone> eyes_of(const FacePoints& face, const Affine& to_crop) {
  std::vector<Zone> eyes;
  if (const FaceParts* parts = face.points == nullptr ? nullptr : face_parts(face.scheme)) {
    eyes = {eye_of(face, *parts, 0, to_crop), eye_of(face, *parts, 1, to_crop)};
  } else if (face.landmarks != nullptr) {
    const auto five = five_of(face, to_crop);
    const double apart = distance(five[0], five[1]);
    for (const Place eye : {five[0], five[1]}) {
      eyes.push_back({eye, kEyeWidth / 2 * apart, kEyeHeight / 2 * apart});
    }
  } else {
    return eyes;
  }
  const double around = kAroundEye * distance(eyes[0].middle, eyes[1].middle);
  for (Zone& eye : eyes) {
    eye.half_width += around;
    eye.half_height += around;
  }
  return eyes;
}

std::vector<Zone> mouth_of(const FacePoints& face, const Affine& to_crop) {
  if (face.landmarks == nullptr) return {};
  const auto five = five_of(face, to_crop);
  const double eyes = distance(five[0], five[1]);
  const Place middle = {(five[3].x + five[4].x) / 2,
                        (five[3].y + five[4].y) / 2 + kBelowCorners * eyes};
  return {{middle, distance(five[3], five[4]) / 2, kMouthHeight / 2 * eyes, true}};
}

/// The share of zones that nothing covers, by the pixel of the mask that each pixel of the aligned
/// crop lies in.
float visible(const std::vector<Zone>& zones, const PartsMask& mask, const Affine& to_image,
              const Affine& to_mask) {
  int pixels = 0, shown = 0, covered = 0;
  for (const Zone& zone : zones) {
    if (!zone.possible()) return NAN;
    const auto nearest = [](double value, int side) {
      return std::min(static_cast<int>(std::floor(value + 0.5)), side - 1);
    };
    const auto up = [](double value) { return static_cast<int>(std::ceil(value)); };
    const int left = up(zone.middle.x - zone.half_width),
              top = up(zone.middle.y - zone.half_height);
    for (int y = top; y <= zone.middle.y + zone.half_height; ++y) {
      for (int x = left; x <= zone.middle.x + zone.half_width; ++x) {
        if (!zone.holds(x, y)) continue;
        ++pixels;
        const Place image = moved(to_image, x, y);
        const Place at = moved(to_mask, image.x, image.y);
        if (!(at.x >= -0.5 && at.x < mask.size.width - 0.5)) continue;
        if (!(at.y >= -0.5 && at.y < mask.size.height - 0.5)) continue;
        ++shown;
        const int column = nearest(at.x, mask.size.width), row = nearest(at.y, mask.size.height);
        if (mask.covers[mask.classes[row * mask.size.width + column]]) ++covered;
      }
    }
  }
  if (pixels == 0 || 2 * shown < pixels) return NAN;
  return 1 - static_cast<float>(covered) / static_cast<float>(shown);
}

}  // namespace

// ISO/IEC 29794-5:2025: eyes visible, mouth occlusion prevention, face occlusion prevention. Each
// is the share of a zone that is not occluded.
std::array<float, kVisibleParts> visible_parts(const PartsMask& mask, const FacePoints& face) {
  std::array<float, kVisibleParts> shares = {NAN, NAN, NAN};
  if (face.box == nullptr && face.landmarks == nullptr) return shares;
  const Affine to_image = face_crop_transform(face.box, face.landmarks);
  const Affine to_crop = inverse(to_image), to_mask = inverse(mask.to_image);
  if (!all_finite(to_crop.m, 6) || !all_finite(to_mask.m, 6)) return shares;
  shares[0] = visible(eyes_of(face, to_crop), mask, to_image, to_mask);
  shares[1] = visible(mouth_of(face, to_crop), mask, to_image, to_mask);
  shares[2] = visible({kFace}, mask, to_image, to_mask);
  return shares;
}

}  // namespace rostro
