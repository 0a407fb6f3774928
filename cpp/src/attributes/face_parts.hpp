#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace rostro {

/// Two points of a scheme, by index.
using PointPair = std::array<std::uint16_t, 2>;

/// Which points of a scheme are the parts of a face that quality is measured by.
struct FaceParts {
  std::string_view scheme;
  std::array<PointPair, 2> eye_corners;          ///< of the image-left and the image-right eye
  std::uint16_t chin;                            ///< its tip
  std::array<std::array<PointPair, 3>, 2> lids;  ///< of each eye, upper and lower point
  std::array<PointPair, 3> lips;                 ///< inner, upper and lower point
};

/// Of "ibug68", "wflw98" (the standard's own), "mesh468" or "mesh478"; null of other schemes.
const FaceParts* face_parts(std::string_view scheme);

}  // namespace rostro
