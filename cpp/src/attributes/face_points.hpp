#pragma once

#include <cmath>
#include <cstddef>
#include <string_view>

#include "rostro/faces.hpp"

namespace rostro {

/// A point, in the precision of sums.
struct Place {
  double x = 0, y = 0;
};

inline double distance(Place a, Place b) { return std::hypot(a.x - b.x, a.y - b.y); }

/// Where a face is, by all that a table says of it.
struct FacePoints {
  const float* box = nullptr;
  const Point* landmarks = nullptr;  ///< null where there are none
  const float* points = nullptr;     ///< of a scheme of `face_parts`, `sides` numbers each
  std::size_t sides = 2;
  std::string_view scheme;
};

/// Reads it of a table, which outlives this.
class TableOfPoints {
 public:
  explicit TableOfPoints(const Faces& faces);

  FacePoints face(std::size_t i) const;

 private:
  const float* boxes_;
  const Point* landmarks_;
  std::string_view scheme_;
  const float* points_ = nullptr;
  std::size_t width_ = 0;  ///< numbers of a face's points
  std::size_t sides_ = 2;
};

}  // namespace rostro
