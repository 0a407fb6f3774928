#include "rostro/head_pose.hpp"

#include <algorithm>
#include <cmath>

#include "geometry/angles.hpp"
#include "support/message.hpp"

namespace rostro {

namespace {

constexpr double kBin = 3;  ///< degrees
/// Right-handed turns about y, x and z, in the words of a convention, whose own signs are these.
constexpr std::array<int, 3> kRightHanded = {-1, -1, 1};

/// A permutation of yaw, pitch and roll.
void check_order(const char* argument, const std::array<int, 3>& order) {
  std::array<int, 3> sorted = order;
  std::sort(sorted.begin(), sorted.end());
  if (sorted != std::array<int, 3>{0, 1, 2}) {
    throw wrong(argument, std::string_view("an angle twice"), "yaw, pitch and roll are wanted");
  }
}

std::size_t size(const OutputView& output) { return output.planes * output.rows * output.columns; }

/// The mean angle of bins around 0 (Ruiz, Chong and Rehg, "Fine-grained head pose estimation
/// without keypoints", 2018, section 3.2).
double mean_of_bins(const float* bins, std::size_t count, bool softmax) {
  const double top = static_cast<double>(*std::max_element(bins, bins + count));
  double sum = 0, weighted = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double bin = static_cast<double>(bins[i]);
    const double probability = softmax ? std::exp(bin - top) : bin;
    sum += probability;
    weighted += probability * static_cast<double>(i);
  }
  // Probabilities are taken as they are, for so their authors do.
  return kBin * ((softmax ? weighted / sum : weighted) - static_cast<double>(count) / 2);
}

}  // namespace

HeadPose::HeadPose(HeadPoseSettings settings) : settings_(std::move(settings)) {
  check_crop_rule(settings_.crop);
  check_order("outputs", settings_.outputs);
  check_order("product", settings_.angles.order);
  check_order("factors", settings_.factors);
  for (const int sign : settings_.angles.signs) {
    if (sign != 1 && sign != -1) throw wrong("signs", sign, "1 or -1 is wanted");
  }
}

std::vector<Affine> HeadPose::prepare(const ImageView& image, const Faces& faces, std::size_t begin,
                                      std::size_t count, float* tensor) const {
  return crop_faces(image, faces, begin, count, settings_.crop, tensor);
}

void HeadPose::prepare(const ImageView& image, const Faces& faces, std::size_t begin,
                       std::size_t count, float* tensor, std::vector<Affine>& transforms) const {
  crop_faces(image, faces, begin, count, settings_.crop, tensor, transforms);
}

Matrix3 HeadPose::rotation(const std::vector<OutputView>& outputs, std::size_t face) const {
  if (settings_.codec == PoseCodec::six || settings_.codec == PoseCodec::matrix) {
    Matrix3 matrix;
    if (settings_.codec == PoseCodec::six) {
      std::array<double, 6> columns;
      std::copy_n(outputs[0].data + 6 * face, 6, columns.begin());
      matrix = rotation_of_6d(columns);
    } else {
      std::copy_n(outputs[0].data + 9 * face, 9, matrix.begin());
      matrix = nearest_rotation(matrix);
    }
    if (!settings_.composed) return matrix;
    return rotation_of_angles(angles_of_rotation(matrix, {settings_.factors, kRightHanded}),
                              settings_.angles);
  }
  Angles angles;
  for (std::size_t k = 0; k < 3; ++k) {
    const auto which = static_cast<std::size_t>(settings_.outputs[k]);
    if (settings_.codec == PoseCodec::angles) {
      const bool together = outputs.size() == 1;
      angles[which] =
          static_cast<double>(together ? outputs[0].data[3 * face + k] : outputs[k].data[face]);
    } else {
      const std::size_t bins = outputs[k].columns;
      angles[which] = mean_of_bins(outputs[k].data + bins * face, bins, settings_.softmax);
    }
  }
  return rotation_of_angles(angles, settings_.angles);
}

std::vector<Matrix3> HeadPose::finish(const std::vector<OutputView>& outputs,
                                      const std::vector<Affine>& transforms) const {
  std::vector<Matrix3> rotations;
  finish(outputs, transforms, rotations);
  return rotations;
}

void HeadPose::finish(const std::vector<OutputView>& outputs, const std::vector<Affine>& transforms,
                      std::vector<Matrix3>& rotations) const {
  const std::size_t faces = transforms.size();
  const auto refuse = [&](const std::string& got, const std::string& wanted) {
    throw ModelMismatch(settings_.name + ": gave " + got + " for " + text(faces) + " faces; " +
                        wanted + " are wanted by its card's pose.kind");
  };
  const PoseCodec codec = settings_.codec;
  const std::size_t parts =
      codec == PoseCodec::bins || (codec == PoseCodec::angles && outputs.size() == 3) ? 3 : 1;
  if (outputs.size() != parts) refuse(text(outputs.size()) + " outputs", text(parts));
  const std::size_t numbers = codec == PoseCodec::six      ? 6
                              : codec == PoseCodec::matrix ? 9
                                                           : 3 / parts;
  for (const OutputView& output : outputs) {
    if (codec == PoseCodec::bins) {
      if (output.columns < 2 || size(output) != faces * output.columns) {
        refuse(text(size(output)) + " numbers", "rows of bins");
      }
    } else if (size(output) != faces * numbers) {
      refuse(text(size(output)) + " numbers", text(faces * numbers));
    }
  }
  for (std::size_t i = 0; i < faces; ++i) {
    const float* m = transforms[i].m;
    const double turned = std::atan2(static_cast<double>(m[3]), static_cast<double>(m[0]));
    rotations.push_back(
        multiply(rotation_of_angles({0, 0, degrees(turned)}), rotation(outputs, i)));
  }
}

void mean_poses(const std::vector<std::vector<Matrix3>>& networks, float* poses) {
  for (std::size_t i = 0; i < networks.front().size(); ++i) {
    Matrix3 sum = {};
    for (const auto& rotations : networks) {
      for (std::size_t k = 0; k < 9; ++k) sum[k] += rotations[i][k];
    }
    const Angles angles = angles_of_rotation(nearest_rotation(sum));
    for (std::size_t k = 0; k < 3; ++k) poses[3 * i + k] = static_cast<float>(angles[k]);
  }
}

}  // namespace rostro
