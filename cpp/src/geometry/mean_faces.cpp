#include "rostro/mean_faces.hpp"

#include <algorithm>

#include "geometry/mean_face_points.hpp"
#include "support/message.hpp"

namespace rostro {

namespace {

struct Known {
  std::string_view scheme;
  const float (*points)[3];
  std::size_t count;
};

constexpr std::string_view kIbug66 = "ibug66";
/// Of the 68 points those that the 66 lack: the corners of the lips' inner line.
constexpr std::size_t kInnerCorners[2] = {60, 64};

/// "mesh468" is "mesh478" without the irises, which come last.
const Known kKnown[] = {
    {"five", kFiveFace, 5},         {"ibug68", kIbug68Face, 68}, {kIbug66, kIbug68Face, 68},
    {"wflw98", kWflw98Face, 98},    {"jd106", kJd106Face, 106},  {"mesh468", kMesh478Face, 468},
    {"mesh478", kMesh478Face, 478},
};

const Known& find(std::string_view scheme) {
  for (const Known& candidate : kKnown) {
    if (candidate.scheme == scheme) return candidate;
  }
  std::string known;
  for (const Known& candidate : kKnown) list_quoted(known, candidate.scheme);
  throw wrong("scheme", quoted(scheme), "one of " + known + " is wanted");
}

}  // namespace

std::vector<Vector3> mean_face(std::string_view scheme) {
  std::vector<Vector3> face;
  mean_face(scheme, face);
  return face;
}

void mean_face(std::string_view scheme, std::vector<Vector3>& face) {
  const Known& known = find(scheme);
  face.clear();
  for (std::size_t i = 0; i < known.count; ++i) {
    if (scheme == kIbug66 && (i == kInnerCorners[0] || i == kInnerCorners[1])) continue;
    const float* point = known.points[i];
    face.push_back({1e-3 * static_cast<double>(point[0]), 1e-3 * static_cast<double>(point[1]),
                    1e-3 * static_cast<double>(point[2])});
  }
}

bool has_mean_face(std::string_view scheme) {
  return std::any_of(std::begin(kKnown), std::end(kKnown),
                     [&](const Known& known) { return known.scheme == scheme; });
}

}  // namespace rostro
