#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "detect/codecs.hpp"
#include "rostro/crop_pose.hpp"
#include "rostro/mean_faces.hpp"
#include "support/message.hpp"

namespace rostro {

namespace {

// The 68 points that img2pose's authors give poses of, against ours: theirs = kOrigin + kTurn ours
// / kUnit, fitted to all 68 (they differ by 10 mm in the mean, being of another face). Their frame
// has our axes.
constexpr double kUnit = 0.0998451;  // metres
constexpr Vector3 kOrigin = {-0.0102843, -0.4389800, -0.3090070};
constexpr Matrix3 kTurn = {0.9999484,  0.0056354,  0.0084536,  //
                           -0.0059758, 0.9991498,  0.0407921,  //
                           -0.0082165, -0.0408405, 0.9991319};

// What their boxes have beyond the points: a tenth in all of each side, and a forehead.
constexpr double kLarger = 1.1;
constexpr double kForehead = 0.3;

constexpr double kFar = std::numeric_limits<double>::infinity();

struct Proposal {
  Candidate candidate;
  std::array<float, 4> box;
  Angles angles;
  Vector3 translation;
};

/// The camera that their poses are told in.
Camera camera_of(Size input) {
  const double focal = input.width + input.height;
  return {focal, focal, std::floor(input.width / 2.0), std::floor(input.height / 2.0)};
}

/// The box around the points, with the forehead on the side where a head so far rolled has it.
std::array<float, 4> face_box(const Box& points, double roll) {
  const double width = points[2] - points[0], height = points[3] - points[1];
  const double beyond_x = (kLarger - 1) / 2 * width, beyond_y = (kLarger - 1) / 2 * height;
  Box box = {points[0] - beyond_x, points[1] - beyond_y, points[2] + beyond_x,
             points[3] + beyond_y};
  if (std::abs(roll) > 2.5) {
    box[3] += kForehead * height;
  } else if (roll > 1) {
    box[2] += kForehead * width;
  } else if (roll < -1) {
    box[0] -= kForehead * width;
  } else {
    box[1] -= kForehead * height;
  }
  std::array<float, 4> result;
  std::transform(box.begin(), box.end(), result.begin(),
                 [](double side) { return static_cast<float>(side); });
  return result;
}

std::optional<Proposal> decode_one(const HeadFrame& frame, Candidate candidate,
                                   const PoseScale& scale) {
  static const std::vector<Vector3> face = mean_face("ibug68");
  const Anchor anchor = frame.anchor(anchor_number(candidate));
  const Numbers b = frame.numbers(Kind::boxes, anchor);
  const double width = frame.input().width, height = frame.input().height;
  const Box crop = {std::clamp<double>(b[0], 0, width), std::clamp<double>(b[1], 0, height),
                    std::clamp<double>(b[2], 0, width), std::clamp<double>(b[3], 0, height)};
  // The authors leave out boxes with a side of less.
  if (!(crop[2] - crop[0] >= 0.01 && crop[3] - crop[1] >= 0.01)) return std::nullopt;

  const Numbers six = frame.numbers(Kind::pose, anchor);  // of no face, then of a face
  std::array<double, 6> dof;
  for (std::size_t i = 0; i < 6; ++i) {
    dof[i] = static_cast<double>(six[6 + i]) * scale.std[i] + scale.mean[i];
    if (!std::isfinite(dof[i])) return std::nullopt;
  }
  const Camera camera = camera_of(frame.input());
  Pose pose;
  pose.rotation = rotation_of_vector({dof[0], dof[1], dof[2]});
  pose.translation = {dof[3], dof[4], dof[5]};
  pose = pose_of_crop(pose, crop, camera);
  const double roll = vector_of_rotation(pose.rotation)[2];
  const Vector3 moved = multiply(pose.rotation, kOrigin);
  for (std::size_t i = 0; i < 3; ++i) {
    pose.translation[i] = kUnit * (pose.translation[i] + moved[i]);
  }
  pose.rotation = multiply(pose.rotation, kTurn);
  Box points = {kFar, kFar, -kFar, -kFar};
  for (const Vector3& point : face) {
    const Vector3 turned = multiply(pose.rotation, point);
    const double depth = turned[2] + pose.translation[2];
    if (!(depth > 0)) return std::nullopt;
    const double x = camera.fx * (turned[0] + pose.translation[0]) / depth + camera.cx;
    const double y = camera.fy * (turned[1] + pose.translation[1]) / depth + camera.cy;
    points = {std::min(points[0], x), std::min(points[1], y), std::max(points[2], x),
              std::max(points[3], y)};
  }
  return Proposal{candidate, face_box(points, roll), angles_of_rotation(pose.rotation),
                  pose.translation};
}

}  // namespace

void decode_proposals(const HeadFrame& frame, const std::vector<Candidate>& candidates,
                      const PoseScale& scale, Faces& found) {
  for (const float mean : scale.mean) {
    if (!std::isfinite(mean)) throw wrong("pose_mean", mean, "six numbers are wanted");
  }
  for (const float spread : scale.std) {
    if (!(spread > 0) || !std::isfinite(spread)) {
      throw wrong("pose_std", spread, "six numbers above 0 are wanted");
    }
  }
  thread_local std::vector<Proposal> proposals;
  proposals.clear();
  for (const Candidate candidate : candidates) {
    if (const auto proposal = decode_one(frame, candidate, scale)) proposals.push_back(*proposal);
  }
  found.reset(proposals.size());
  float* boxes = found.add<float>(columns::boxes);
  float* scores = found.add<float>(columns::scores);
  float* poses = found.add<float>(columns::poses);
  float* translations = found.add<float>(columns::translations);
  for (std::size_t i = 0; i < proposals.size(); ++i) {
    const Proposal& proposal = proposals[i];
    scores[i] = score_of(proposal.candidate);
    std::copy(proposal.box.begin(), proposal.box.end(), boxes + 4 * i);
    for (std::size_t k = 0; k < 3; ++k) {
      poses[3 * i + k] = static_cast<float>(proposal.angles[k]);
      translations[3 * i + k] = static_cast<float>(proposal.translation[k]);
    }
  }
}

}  // namespace rostro
