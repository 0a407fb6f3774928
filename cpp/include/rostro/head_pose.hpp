#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "rostro/camera.hpp"
#include "rostro/crop_rule.hpp"
#include "rostro/decode.hpp"
#include "rostro/faces.hpp"
#include "rostro/image_view.hpp"
#include "rostro/rotation.hpp"

namespace rostro {

namespace columns {

// NOLINTBEGIN(bugprone-throwing-static-initialization)

/// Of a pose that is fitted to points, Pose::error.
inline const Column pose_error{"attributes.pose_error", "pose_error"};
/// Of a pose that is fitted to points: how far it is off, in degrees, root mean square, as far as
/// the scatter of the points tells.
inline const Column pose_sigma{"attributes.pose_sigma", "pose_sigma"};

// NOLINTEND(bugprone-throwing-static-initialization)

}  // namespace columns

/// Fills poses, translations, pose_error and pose_sigma by what is known of the faces: their points
/// where the table has those of a scheme with a mean face, else the five landmarks. A face with a
/// point that is not finite has no pose (kNoPose). Throws InvalidArgument for a table with neither.
void fit_head_poses(Faces& faces, const Camera& camera);

/// How a network says a pose.
enum class PoseCodec {
  angles,  ///< yaw, pitch and roll in degrees
  bins,    ///< for each angle, how likely it is in each bin of 3 degrees around 0; their mean
  six,     ///< two columns of a matrix
  matrix,  ///< a matrix, row by row, not necessarily a rotation
};

/// What a card says of a pose network.
struct HeadPoseSettings {
  std::string name;  ///< of the model, for messages
  CropRule crop;
  PoseCodec codec = PoseCodec::angles;
  /// Of angles and bins: which ones the numbers of the one output, or the outputs, are: 0 yaw,
  /// 1 pitch, 2 roll.
  std::array<int, 3> outputs = {0, 1, 2};
  EulerConvention angles = k300wLpAngles;  ///< what the angles mean
  bool softmax = true;  ///< of bins: whether the outputs are logits; else they are probabilities
  /// Of matrices: whether they were made of the angles as right-handed turns in the order
  /// `factors`, 0 Ry(yaw), 1 Rx(pitch), 2 Rz(roll), and are to be read so. Else they are rotations
  /// in the camera's frame.
  bool composed = false;
  std::array<int, 3> factors = {2, 0, 1};
};

/// The two halves around a pose network. A run of the network takes `batch` faces at most.
///
/// Thread-safe.
class HeadPose {
 public:
  static constexpr std::size_t batch = 8;

  /// Throws InvalidArgument for settings that are out of range or do not go together.
  explicit HeadPose(HeadPoseSettings settings);

  const HeadPoseSettings& settings() const { return settings_; }

  /// Writes the crops of the `count` faces from `begin` on, count x 3 x height x width, and returns
  /// the transforms from them to the image, which `finish` wants. Throws as `crop_transforms`.
  std::vector<Affine> prepare(const ImageView& image, const Faces& faces, std::size_t begin,
                              std::size_t count, float* tensor) const;
  /// The same into `transforms`, whose memory is used again.
  void prepare(const ImageView& image, const Faces& faces, std::size_t begin, std::size_t count,
               float* tensor, std::vector<Affine>& transforms) const;

  /// The rotations of the faces that the network was given, in the image: what a crop was turned by
  /// is added. Throws ModelMismatch for outputs of another shape or number.
  std::vector<Matrix3> finish(const std::vector<OutputView>& outputs,
                              const std::vector<Affine>& transforms) const;
  /// The same behind those that `rotations` has already.
  void finish(const std::vector<OutputView>& outputs, const std::vector<Affine>& transforms,
              std::vector<Matrix3>& rotations) const;

 private:
  Matrix3 rotation(const std::vector<OutputView>& outputs, std::size_t face) const;

  HeadPoseSettings settings_;
};

/// The mean of the rotations that several networks gave of the same faces, and its angles, ours in
/// degrees: faces x 3. The mean is the rotation nearest to the sum of the matrices. At least one
/// network is wanted, each with as many faces.
void mean_poses(const std::vector<std::vector<Matrix3>>& networks, float* poses);

}  // namespace rostro
