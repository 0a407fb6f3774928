#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "rostro/crop_rule.hpp"
#include "rostro/decode.hpp"
#include "rostro/faces.hpp"
#include "rostro/image_view.hpp"
#include "rostro/rotation.hpp"

namespace rostro {

namespace columns {

/// Shares of the eyes, of the mouth and of the face that nothing covers, 0..1, by a mask; NaN where
/// it does not show them.
// NOLINTNEXTLINE(bugprone-throwing-static-initialization)
inline const Column visible{
    "attributes.visible", "visible", ColumnKind::value, ColumnType::float32, {3}};

}  // namespace columns

/// What a head says of a face.
enum class AttributeKind {
  classes,  ///< how likely each of some classes is, of which one is true
  flags,    ///< how likely each of some things is, any number of which are true
  number,   ///< a number, or how likely each of some whole numbers from 0 on is, whose mean counts
  vector,   ///< some numbers
  mask,     ///< a map for each class, of which the largest counts, pixel by pixel
};

/// What a card says of one head of a network.
struct AttributeHead {
  std::string name;  ///< of the attribute
  AttributeKind kind = AttributeKind::classes;
  std::size_t output = 0;  ///< which of the network's outputs
  /// Which of the output's numbers of a face is the head's first. None: they all are its own.
  std::optional<std::size_t> first = std::nullopt;
  /// Classes, flags or numbers; of a number the bins, or 1.
  std::size_t count = 1;
  /// Whether classes and bins are logits (softmax), or flags (sigmoid); else they are
  /// probabilities.
  bool logits = true;
  float scale = 1;    ///< of numbers: what they are multiplied by,
  float offset = 0;   ///< and what is then added
  bool unit = false;  ///< of a vector: whether it is made as long as 1
  /// Of a vector of 3: whether it is a direction in space. It is then turned with its crop, to be
  /// as in the camera frame: x right, y down, z forward.
  bool direction = false;
  std::array<int, 3> signs = {1, 1, 1};  ///< of a direction: -1 where an axis is the other way
  /// Of a mask: the classes that cover a face, such as hands, hats and hair. The network then gives
  /// `columns::visible`, too.
  std::vector<std::size_t> covers = {};
};

/// Three angles that a network takes of the face's pose, in degrees, as it stands in the crop.
struct PoseInput {
  std::array<int, 3> order = {0, 1, 2};  ///< of the numbers: 0 yaw, 1 pitch, 2 roll
  EulerConvention angles = kOurAngles;   ///< what they mean
  bool level = false;                    ///< whether roll is given as 0
};

/// What a network takes beside its first crop: another crop of the face, or its pose.
using AttributesInput = std::variant<CropRule, PoseInput>;

/// What a card says of a network of attributes.
struct AttributesSettings {
  std::string name;  ///< of the model, for messages
  CropRule crop;
  std::vector<AttributesInput> inputs = {};  ///< beside the crop
  /// Whether it sees one eye at a time. A run takes the crop of the image-left eye, then of the
  /// image-right one, of each face; an attribute has both, in this order.
  bool each_eye = false;
  std::vector<AttributeHead> heads;
};

/// The two halves around a network that says things of faces by any number of heads. A run of the
/// network takes `batch` faces at most.
///
/// Thread-safe.
class Attributes {
 public:
  static constexpr std::size_t batch = 8;

  /// Throws InvalidArgument for settings that are out of range or do not go together.
  explicit Attributes(AttributesSettings settings);

  const AttributesSettings& settings() const { return settings_; }

  /// Rows that the network's inputs have for so many faces.
  std::size_t rows(std::size_t faces) const { return settings_.each_eye ? 2 * faces : faces; }

  /// The transforms from the crops of the `count` faces from `begin` on to an image of this size, a
  /// row each; masks lie in these crops. Throws as `crop_transforms`.
  std::vector<Affine> transforms(Size image, const Faces& faces, std::size_t begin,
                                 std::size_t count) const;
  /// The same into `moves`, whose memory is used again.
  void transforms(Size image, const Faces& faces, std::size_t begin, std::size_t count,
                  std::vector<Affine>& moves) const;

  /// Writes the inputs for these faces and returns `transforms`, which `finish` wants: `tensor`,
  /// rows x 3 x height x width, and for each further input `others`, as many rows of a crop, or of
  /// three numbers. Throws InvalidArgument, which names the face, where they do not follow from it.
  std::vector<Affine> prepare(const ImageView& image, const Faces& faces, std::size_t begin,
                              std::size_t count, float* tensor,
                              const std::vector<float*>& others) const;
  /// The same into `moves`, whose memory is used again.
  void prepare(const ImageView& image, const Faces& faces, std::size_t begin, std::size_t count,
               float* tensor, const std::vector<float*>& others, std::vector<Affine>& moves) const;

  /// A table of the faces of a run, with a column "attributes.NAME" for each head, which has the
  /// shape (faces, ...), or (faces, 2, ...) with `each_eye`. Of classes, flags and a vector
  /// (count,), of a number none, of a mask (height, width) of the crop, uint8. `outputs` are all of
  /// the network; those of maps are planes x rows x columns with a plane for each class of each
  /// row. With `covers` also `columns::visible`, of the faces from `begin` on, those of the run.
  /// Throws ModelMismatch for outputs of another shape or number, and for classes that are no
  /// probabilities; NetworkError for what is not finite.
  Faces finish(const std::vector<OutputView>& outputs, const std::vector<Affine>& transforms,
               const Faces& faces, std::size_t begin) const;
  /// The same into another table, whose memory is used again.
  void finish(const std::vector<OutputView>& outputs, const std::vector<Affine>& transforms,
              const Faces& faces, std::size_t begin, Faces& found) const;

 private:
  AttributesSettings settings_;
  CropRule of_right_;            ///< with `each_eye`: of the right one
  std::vector<Column> columns_;  ///< of the heads
};

}  // namespace rostro
