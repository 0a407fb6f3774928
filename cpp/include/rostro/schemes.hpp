#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "rostro/types.hpp"

namespace rostro {

/// Points of a scheme, by index, whose mean is meant.
using PointGroup = std::vector<std::uint16_t>;

/// Which points of a face there are, and in which order.
struct Scheme {
  std::string_view name;
  std::size_t count;
  /// The five landmarks, in their order.
  std::array<PointGroup, kLandmarks> landmarks;
  /// The outer corners of the eyes, image-left and image-right: their distance is what errors of
  /// points are measured in. Both 0 where the scheme has none.
  std::array<std::uint16_t, 2> eye_corners;
  /// The inner ones, likewise.
  std::array<std::uint16_t, 2> inner_corners;
};

/// The schemes: "five", the landmarks themselves; "ibug68" (300-W), "ibug66", the same without the
/// inner corners of the lips, 60 and 64 (OpenSeeFace); "wflw98"; "jd106" (JD-landmark, in the order
/// of Megvii's 106 points, not in that of InsightFace's network); "mesh468" and "mesh478"
/// (MediaPipe, without and with irises).
///
/// Throws InvalidArgument with the known names otherwise.
const Scheme& find_scheme(std::string_view name);

/// Of which points of `from` each point of `to` is the mean, where that is exact: any scheme to
/// itself and to "five"; "wflw98" to "ibug68", as those who train with both take them for one
/// another; "ibug68" and "wflw98" to "ibug66"; "mesh478" to "mesh468". Throws InvalidArgument for
/// other pairs.
std::vector<PointGroup> scheme_conversion(std::string_view from, std::string_view to);

/// Converts `faces` x from's count x `sides` numbers by `scheme_conversion`.
void convert_points(const std::vector<PointGroup>& conversion, std::size_t from_count,
                    std::size_t faces, std::size_t sides, const float* points, float* out);

}  // namespace rostro
