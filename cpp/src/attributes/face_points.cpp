#include "attributes/face_points.hpp"

#include "attributes/face_parts.hpp"
#include "rostro/schemes.hpp"

namespace rostro {

TableOfPoints::TableOfPoints(const Faces& faces)
    : boxes_(faces.get(columns::boxes)),
      landmarks_(reinterpret_cast<const Point*>(faces.get(columns::landmarks))),
      scheme_(faces.scheme) {
  if (face_parts(scheme_) == nullptr) return;
  faces.each([&](const Faces::Entry& entry) {
    if (entry.column.name != columns::points.name || entry.sides.size() != 2) return;
    if (static_cast<std::size_t>(entry.sides[0]) != find_scheme(scheme_).count) return;
    points_ = faces.get(columns::points);
    width_ = entry.width();
    sides_ = static_cast<std::size_t>(entry.sides[1]);
  });
}

FacePoints TableOfPoints::face(std::size_t i) const {
  FacePoints face;
  if (boxes_ != nullptr) face.box = boxes_ + 4 * i;
  if (landmarks_ != nullptr) face.landmarks = landmarks_ + i * kLandmarks;
  if (points_ != nullptr) {
    face.points = points_ + i * width_;
    face.sides = sides_;
    face.scheme = scheme_;
  }
  return face;
}

}  // namespace rostro
