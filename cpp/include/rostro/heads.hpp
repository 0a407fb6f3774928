#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "rostro/tensor_format.hpp"

namespace rostro {

/// The maths by which a head's numbers become boxes; docs/reference/heads.md writes it out.
enum class Codec {
  anchor_offset,  ///< distances from the anchor's corner to the four sides, in strides
  prior,          ///< offset and exponential size relative to a prior box
  yunet,          ///< offset and exponential size in strides
  heat_map,       ///< centres as peaks of a map; exponential size, offset in cells
  blazeface,      ///< offset and size in pixels
  rows,           ///< one row a face, decoded by the network itself
  proposal,       ///< six numbers of a pose in the camera of a proposed box
  dfl,            ///< distances to the four sides as distributions over 16 bins, in strides
};

/// What an array of numbers is about.
enum class Kind { scores, objectness, boxes, offsets, points, yaw, pitch, roll, pose };
inline constexpr std::size_t kKinds = 9;

/// One of the arrays that a head consists of.
struct HeadOutput {
  Kind kind;
  std::string_view name;     ///< for messages
  int columns;               ///< numbers an anchor
  bool optional = false;     ///< whether the head works without it
  bool class_major = false;  ///< planar: the planes of all anchors for a column lie together
};

/// One grid of anchors.
struct Level {
  int stride;
  int anchors;                      ///< a cell
  std::array<float, 3> sizes = {};  ///< of Codec::prior: sides of the priors, one an anchor
};
inline constexpr std::size_t kMaxLevels = 5;

/// How an anchor's score is made.
enum class ScoreRule {
  probability,   ///< the number itself
  logit,         ///< its sigmoid
  logits,        ///< the sigmoid of its difference to another one: the softmax of the two
  product,       ///< the product of two
  root_product,  ///< the root of the product of two, each clamped to 0..1
};

/// A number of an anchor.
struct HeadColumn {
  Kind kind = Kind::scores;
  int index = 0;
};

/// Where an anchor's five points lie among its Kind::boxes numbers: x, y and the numbers to the
/// next.
struct PointColumns {
  std::size_t first = 0;
  std::size_t step = 0;  ///< 0: they are not among them
};

/// Of Codec::prior.
struct PriorRule {
  float center_variance = 0.1f;
  float size_variance = 0.2f;
  float center = 0;      ///< of the first cell, in pixels; 0: the middle of the cell
  bool clamped = false;  ///< priors are cut to the input
  bool spread = false;   ///< cells share a side evenly, also one that is no multiple of the stride
  bool inclusive = false;  ///< a box of width w ends w - 1 after its beginning
};

/// How an anchor's angles are told.
enum class PoseRule {
  none,
  bins,   ///< Kind::yaw, pitch and roll: distributions over 66 bins of 3 degrees
  six,    ///< Kind::pose: a rotation vector and a translation
  parts,  ///< the last three Kind::boxes numbers: pitch, yaw, roll as parts of their ranges
};

/// How the faces that overlap become one.
enum class NmsMethod {
  hard,      ///< nms_hard
  weighted,  ///< nms_weighted
};

/// What goes with a head in its authors' code, for a network that nobody describes otherwise.
struct HeadDefaults {
  TensorFormat input = {};
  std::uint8_t pad = 0;  ///< the pixel value around a letterboxed image
  double score_threshold = 0.5;
  double nms_threshold = 0.4;
  NmsMethod nms = NmsMethod::hard;
};

/// A detector head as data.
struct Head {
  std::string_view name;
  Codec codec;
  std::vector<Level> levels;  ///< none for Codec::rows with any number of rows
  std::vector<HeadOutput> outputs;
  ScoreRule rule = ScoreRule::probability;
  HeadColumn score = {};
  HeadColumn factor = {};  ///< the second number of a product or a difference
  PointColumns points = {};
  PoseRule pose = PoseRule::none;
  bool stacked = false;      ///< each output is one array for all levels, not one for each
  bool fractions = false;    ///< of Codec::rows: corners as parts of the input, not centre and size
  int size_step = 32;        ///< the input's sides must be multiples of this
  float smallest_face = 24;  ///< height in pixels of the input from which on faces are mostly found
  PriorRule prior = {};
  HeadDefaults defaults = {};
};

/// All heads. Those of one name differ in their number of outputs.
const std::vector<Head>& heads();

/// The head of this name that has `outputs` outputs, if none the first one of this name; throws
/// InvalidArgument with the known names where there is none.
const Head& find_head(std::string_view name, std::size_t outputs = 0);

/// The most and the fewest arrays that a head consists of.
std::size_t most_outputs(const Head& head);
std::size_t fewest_outputs(const Head& head);

/// Whether the head gives five landmarks when it has so many outputs, and whether it gives poses.
bool has_landmarks(const Head& head, std::size_t outputs);
bool has_poses(const Head& head);

}  // namespace rostro
