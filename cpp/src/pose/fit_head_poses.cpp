#include <algorithm>
#include <cmath>

#include "geometry/angles.hpp"
#include "rostro/head_pose.hpp"
#include "rostro/mean_faces.hpp"
#include "rostro/pose_fit.hpp"
#include "support/finite.hpp"
#include "support/message.hpp"

namespace rostro {

namespace {

constexpr std::string_view kFive = "five";

/// The points of a table that a mean face is known for.
struct Source {
  const float* points;
  std::size_t sides;  ///< numbers a point
  std::string_view scheme;
};

Source source_of(const Faces& faces) {
  Source source{faces.get(columns::landmarks), 2, kFive};
  faces.each([&](const Faces::Entry& entry) {
    if (entry.column.name != columns::points.name || !has_mean_face(faces.scheme)) return;
    const std::size_t wanted = mean_face(faces.scheme).size();
    if (static_cast<std::size_t>(entry.sides[0]) != wanted) {
      throw wrong("points", text(entry.sides[0]) + " a face",
                  text(wanted) + " are wanted by the scheme " + quoted(faces.scheme));
    }
    source = {faces.get(columns::points), static_cast<std::size_t>(entry.sides[1]), faces.scheme};
  });
  if (source.points == nullptr) {
    throw wrong("faces", std::string_view("a table without landmarks"),
                "landmarks or points are wanted, which a mean face is laid over: of a detector "
                "that gives them, or of a stage before");
  }
  return source;
}

}  // namespace

void fit_head_poses(Faces& faces, const Camera& camera) {
  float* poses = faces.add<float>(columns::poses);
  float* translations = faces.add<float>(columns::translations);
  float* errors = faces.add<float>(columns::pose_error);
  float* sigmas = faces.add<float>(columns::pose_sigma);
  if (faces.size() == 0) return;
  const auto [points, sides, scheme] = source_of(faces);
  // Memory that the thread keeps.
  thread_local std::vector<Vector3> face;
  thread_local std::vector<float> finite;
  thread_local std::vector<Pose> fitted;
  mean_face(scheme, face);
  // One that is not finite is left out: it would be an error of all.
  const std::size_t numbers = face.size() * sides;
  finite.assign(points, points + numbers * faces.size());
  for (std::size_t i = 0; i < faces.size(); ++i) {
    float* own = finite.data() + numbers * i;
    if (!all_finite(own, numbers)) std::fill(own, own + numbers, 0.0f);
  }
  fitted.assign(faces.size(), {});
  fit_poses({finite.data(), nullptr, faces.size(), face.size(), sides}, face, camera,
            fitted.data());
  for (std::size_t i = 0; i < faces.size(); ++i) {
    const Pose& pose = fitted[i];
    const Angles angles = angles_of_rotation(pose.rotation);
    for (std::size_t k = 0; k < 3; ++k) {
      poses[3 * i + k] = static_cast<float>(angles[k]);
      translations[3 * i + k] = static_cast<float>(pose.translation[k]);
    }
    const double turns = pose.covariance[0] + pose.covariance[7] + pose.covariance[14];
    errors[i] = static_cast<float>(pose.error);
    sigmas[i] = static_cast<float>(std::min(degrees(std::sqrt(turns)), 180.0));
  }
}

}  // namespace rostro
