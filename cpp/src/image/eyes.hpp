#pragma once

#include <array>
#include <cstddef>

#include "rostro/faces.hpp"

namespace rostro {

/// An eye in the image: its middle between its corners, and how far these are apart.
struct Eye {
  double x, y, width;
};

/// Where the eyes of faces are: by their corners among the points where the table has those of a
/// scheme with corners, else at the five landmarks, as wide as is usual for their distance.
class Eyes {
 public:
  /// Throws InvalidArgument for a table with neither.
  explicit Eyes(const Faces& faces);

  /// The image-left and the image-right eye of a face. Throws InvalidArgument, which names the
  /// face, where they are not finite, of no width, or at one point.
  std::array<Eye, 2> of(std::size_t face) const;

 private:
  const float* points_ = nullptr;
  std::size_t width_ = 0;                    // numbers a face
  std::size_t sides_ = 2;                    // numbers a point
  std::array<std::size_t, 4> corners_ = {};  // from the image's left to its right
  bool landmarks_ = false;                   // whether there are no corners
};

}  // namespace rostro
