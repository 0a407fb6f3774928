#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "rostro/crop_rule.hpp"
#include "rostro/decode.hpp"
#include "rostro/faces.hpp"
#include "rostro/image_view.hpp"
#include "rostro/morphable.hpp"

namespace rostro {

/// How a network says where points are.
enum class PointCodec {
  coordinates,  ///< x, y or x, y, z a point
  quarter,      ///< heat maps: the largest pixel, moved a quarter to the larger neighbour
  dark,         ///< heat maps: the largest pixel, and the top of the Gaussian around it
  soft_argmax,  ///< heat maps: the mean place under their softmax
  offsets,      ///< heat maps, and maps of how far the point is from each of their pixels
  morphable,    ///< parameters of a morphable face, see morphable.hpp
  descriptors,  ///< maps of features, in which points are found by what describes them
};

/// What a card says of a landmark network.
struct LandmarkerSettings {
  std::string name;    ///< of the model, for messages
  std::string scheme;  ///< see schemes.hpp
  CropRule crop;
  PointCodec codec = PointCodec::coordinates;
  /// Of coordinates: 2, or 3 where a depth comes with each point.
  std::size_t sides = 2;
  /// Of coordinates: the numbers at the first and the last edge of the crop. 0 and 1, -1 and 1, or
  /// 0 and the crop's size; -0.5 and 111.5 where the centres of the pixels are at integers.
  float low = 0;
  float high = 1;
  /// Of "dark": pixels of the Gaussian, odd, by which maps are smoothed before.
  int blur = 11;
  /// Of "soft_argmax" and "descriptors": what is multiplied by before a softmax.
  float beta = 1;
  /// Of "offsets": what the logit of an offset is divided by.
  float offset_factor = 16;
  bool depth = false;  ///< whether the network gives a depth a point as an output of its own
  /// What a depth is multiplied by to be in pixels of the crop; of coordinates: in the unit of the
  /// other two. Negative where larger means nearer to the camera.
  float depth_scale = 1;
  MorphableFace morphable = {};  ///< of "morphable"; its points are those of the scheme
  /// Of "descriptors": as many numbers for each point as there are maps. Empty: none are known yet,
  /// and `describe_points` can make some.
  std::vector<float> descriptors = {};
  bool presence = false;  ///< whether it gives the logit of there being a face
};

/// What a network says of some faces.
struct LandmarkOutputs {
  OutputView points;
  OutputView depth;     ///< where the settings have it
  OutputView presence;  ///< where the settings have it
};

/// The two halves around a landmark network. A run of the network takes `batch` faces at most.
///
/// Thread-safe.
class Landmarker {
 public:
  static constexpr std::size_t batch = 8;

  /// Throws InvalidArgument for settings that are out of range or do not go together.
  explicit Landmarker(LandmarkerSettings settings);

  const LandmarkerSettings& settings() const { return settings_; }

  /// Points of a face, 0 of a morphable face without a basis, and numbers of each: 3 where there is
  /// a depth.
  std::size_t points() const { return points_; }
  std::size_t sides() const;

  /// Writes the crops of the `count` faces from `begin` on, count x 3 x height x width, and returns
  /// the transforms from them to the image, which `finish` wants. Throws as `crop_transforms`.
  std::vector<Affine> prepare(const ImageView& image, const Faces& faces, std::size_t begin,
                              std::size_t count, float* tensor) const;
  /// The same into `transforms`, whose memory is used again.
  void prepare(const ImageView& image, const Faces& faces, std::size_t begin, std::size_t count,
               float* tensor, std::vector<Affine>& transforms) const;

  /// Writes the points of each face in pixels of the image, faces x points() x sides(), and how
  /// sure the network is that a face is there, in 0..1. A depth is in pixels as well, smaller
  /// values are nearer to the camera; where it is 0 is up to the network. `presence` is the
  /// sigmoid of the network's logit, or with offset maps the mean of the maps' tops; 1 where
  /// the network says nothing of it. `poses`, yaw, pitch and roll of each in degrees, are
  /// written of morphable faces alone. Throws ModelMismatch for outputs of another shape.
  void finish(const LandmarkOutputs& outputs, const std::vector<Affine>& transforms, float* points,
              float* presence, float* poses = nullptr) const;

 private:
  void check(const LandmarkOutputs& outputs, std::size_t count) const;
  void finish_morphable(const float* numbers, const Affine& transform, float* points,
                        float* pose) const;

  LandmarkerSettings settings_;
  std::size_t points_;
};

/// What describes `count` points of the image in the maps of features of one face's crop: the
/// features there, between four pixels. `maps.planes` numbers a point are written. Throws
/// InvalidArgument for a point beyond the crop.
void describe_points(const OutputView& maps, Size crop, const Affine& to_image, const Point* points,
                     std::size_t count, float* descriptors);

/// How far the points of faces can be trusted, 0..1: the presence, but less where a face is turned
/// away, for beyond 60 degrees of yaw every network that was measured puts points where there is
/// nothing of the face. By the yaw of the pose that fits the five `landmarks`, `count` x 5: all of
/// the presence up to 40 degrees, half of it at 55, none from 70 on; landmarks that say nothing of
/// a pose change nothing. Throws InvalidArgument, which names the face, for landmarks that are not
/// finite.
void point_certainty(const Point* landmarks, std::size_t count, Size image, const float* presence,
                     float* certainty);

}  // namespace rostro
