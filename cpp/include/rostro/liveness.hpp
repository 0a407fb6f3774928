#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "rostro/crop_rule.hpp"
#include "rostro/decode.hpp"
#include "rostro/faces.hpp"
#include "rostro/image_view.hpp"

namespace rostro {

/// What the numbers of a liveness network are.
enum class LivenessCodec {
  softmax,        ///< logits of the classes
  sigmoid,        ///< the logit of the one class
  probabilities,  ///< of the classes, which sum to 1; or of the one class
};

/// What a card says of a liveness network.
struct LivenessSettings {
  std::string name;  ///< of the model, for messages
  CropRule crop;
  LivenessCodec codec = LivenessCodec::softmax;
  std::size_t classes = 2;
  /// Which ones are a live face. Of one class: none where it is the attack.
  std::vector<std::size_t> live;
};

/// The two halves around a network that tells faces from their pictures, masks and the like. A run
/// of the network takes `batch` faces at most.
///
/// Thread-safe.
class Liveness {
 public:
  static constexpr std::size_t batch = 8;

  /// Throws InvalidArgument for settings that are out of range or do not go together.
  explicit Liveness(LivenessSettings settings);

  const LivenessSettings& settings() const { return settings_; }

  /// As `crop_faces`.
  std::vector<Affine> prepare(const ImageView& image, const Faces& faces, std::size_t begin,
                              std::size_t count, float* tensor) const;
  /// The same into `transforms`, whose memory is used again.
  void prepare(const ImageView& image, const Faces& faces, std::size_t begin, std::size_t count,
               float* tensor, std::vector<Affine>& transforms) const;

  /// Writes how likely each of the `count` faces that the network was given is live, 0..1: the sum
  /// of its live classes. Throws ModelMismatch for another number of outputs, and for
  /// probabilities that are none: beyond 0..1, or of a face whose classes do not sum to 1.
  void finish(const OutputView& output, std::size_t count, float* live) const;

 private:
  double live(const float* numbers, std::size_t face) const;

  LivenessSettings settings_;
};

/// The mean of what several networks say of the same faces. At least one is wanted, each with as
/// many faces.
void mean_live(const std::vector<std::vector<float>>& networks, float* live);

}  // namespace rostro
