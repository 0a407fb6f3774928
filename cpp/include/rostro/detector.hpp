#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "rostro/decode.hpp"
#include "rostro/faces.hpp"
#include "rostro/image_view.hpp"
#include "rostro/input_sizes.hpp"

namespace rostro {

/// Tiles that a large image is cut into, each searched as an image of its own beside the whole; at
/// most 1,048,576.
struct Tiling {
  Size size;        ///< of a tile
  int overlap = 0;  ///< pixels that neighbours share; a face up to that size is whole in one
};

/// By how much an image is turned clockwise before a network sees it.
enum class Turn { none, quarter, half, three_quarters };

/// What a card says of a detector.
struct DetectorSettings {
  std::string name;                          ///< of the model, for messages
  std::string head;                          ///< see heads.hpp
  std::vector<std::string> network_outputs;  ///< their names, in the network's own order
  std::vector<std::string> outputs = {};     ///< the same in the order of the head; empty: it is so
  TensorFormat input = {};
  std::uint8_t pad = 0;  ///< pixel value of what a scaled image does not fill
  float score_threshold = 0.5f;
  float nms_threshold = 0.4f;
  std::size_t top_k = 5000;  ///< faces before suppression
  NmsMethod nms = NmsMethod::hard;
  PoseScale poses = {};   ///< of heads that tell a pose by six numbers
  InputSizes sizes = {};  ///< `step` is made a multiple of the head's own
  std::optional<Tiling> tiling = {};
};

/// A part of an image that the network is run on once.
struct DetectorView {
  int left = 0;
  int top = 0;
  Size size;   ///< of the part, in pixels of the image
  Size input;  ///< of the network's input, 1 x 3 x height x width
  /// Left, top, right and bottom side where it cuts through the image; infinite where both end.
  std::array<float, 4> cuts;
  std::optional<Turn> turn = {};  ///< as `views` was asked for it
};

/// The two halves around a detection network: `prepare` makes its input, `finish` faces of its
/// outputs. For an image, run the network once for each of its `views` and `join` what comes of it.
///
/// Thread-safe.
class Detector {
 public:
  /// Throws InvalidArgument for settings that are out of range or do not go together.
  explicit Detector(DetectorSettings settings);

  const DetectorSettings& settings() const { return settings_; }

  /// The whole image, and its tiles where it is larger than one. Throws InvalidArgument for an
  /// image that cannot be read.
  ///
  /// With a turn the network sees each view turned; the faces come back in the image as it is, with
  /// an attribute "turn": by how many degrees the image is to be turned clockwise for them.
  std::vector<DetectorView> views(const ImageView& image, std::optional<Turn> turn = {}) const;

  /// Writes the network's input for a view, 3 x height x width.
  void prepare(const ImageView& image, const DetectorView& view, float* tensor) const;

  /// The faces that the outputs tell of, best first, in the image's pixels, without those that a
  /// cut may halve. Throws ModelMismatch unless the outputs are those of the head, and NetworkError
  /// for numbers that are not finite.
  Faces finish(const DetectorView& view, const std::vector<OutputView>& outputs) const;
  /// The same into `found`, whose memory is used again, as the thread's own is: nothing is
  /// allocated once both have seen their largest input and number of faces.
  void finish(const DetectorView& view, const std::vector<OutputView>& outputs, Faces& found) const;

  /// The faces of all views of one image, each once.
  Faces join(std::vector<Faces> parts) const;
  /// The same into `all`, whose memory is used again.
  void join(const std::vector<Faces>& parts, Faces& all) const;

 private:
  void suppress(const Faces& found, Faces& kept_faces) const;

  DetectorSettings settings_;
  const Head* head_;
  std::vector<std::size_t> order_;  ///< of the network's outputs
};

/// Moves faces from a turned image to the one of `image` pixels that was turned, with their poses:
/// yaw and pitch are told in the image's own directions. By the rest of the full circle they go to
/// the turned image, `image` then being its size.
void turn_back(Faces& faces, Turn turn, Size image);

/// The score, in 0..1, from which on a face is sure to be upright.
inline constexpr float kSureScore = 0.9f;

/// How sure it is that an image is upright with these faces of it, as one turn of it gives them:
/// the highest score of a face whose eyes are level to 45 degrees in the image as it was turned; 0
/// without one. Networks find faces that lie on their side, too, or upside down, and see them
/// upright, but with a lower score than the right turn gives: of all turns the highest is right.
/// Where the image as it is reaches kSureScore, the others need not be tried.
float uprightness(const Faces& faces);

}  // namespace rostro
