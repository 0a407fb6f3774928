#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "rostro/crop_rule.hpp"
#include "rostro/decode.hpp"
#include "rostro/faces.hpp"
#include "rostro/image_view.hpp"
#include "rostro/quality_range.hpp"
#include "rostro/templates.hpp"

namespace rostro {

/// What a card says of a network that gives one number a face, such as CR-FIQA, eDifFIQA, FaceQnet.
struct QualityNetworkSettings {
  std::string name;           ///< of the model, for messages
  std::string crop_template;  ///< see templates.hpp; empty: by the rule
  CropRule crop;              ///< with a template, its size and format alone count
  QualityRange range;
};

/// The two halves around a quality network. A run of the network takes `batch` faces at most.
///
/// Thread-safe.
class QualityNetwork {
 public:
  static constexpr std::size_t batch = 8;

  /// Throws InvalidArgument for settings that are out of range.
  explicit QualityNetwork(QualityNetworkSettings settings);

  const QualityNetworkSettings& settings() const { return settings_; }

  /// Writes the crops of the `count` faces from `begin` on, count x 3 x height x width. Throws
  /// InvalidArgument, which names the face, where the crop does not follow from it.
  void prepare(const ImageView& image, const Faces& faces, std::size_t begin, std::size_t count,
               float* tensor) const;

  /// Writes the quality of `count` faces, 0..1. Throws ModelMismatch for another number of numbers.
  void finish(const OutputView& output, std::size_t count, float* quality) const;

 private:
  QualityNetworkSettings settings_;
  CropTemplate template_ = {};
};

/// The direction of the mean of `count` embeddings of unit norm. Throws InvalidArgument where there
/// is none.
std::vector<float> center_of_embeddings(const float* embeddings, std::size_t count,
                                        std::size_t dim);

/// Writes the cosine distances, 0..2, of embeddings to a center, all of unit norm. Where the center
/// is that of faces which nobody could recognise, near means unrecognisable (Deng et al.,
/// "Harnessing Unrecognizable Faces for Improving Face Recognition", 2023, section 3.2).
void distances_to_center(const float* embeddings, std::size_t count, std::size_t dim,
                         const float* center, float* distances);

/// Of each crop, height x width x 3 bytes, two faces that are the same on both sides: the left half
/// and its mirror image, then the right one and its own. A middle column stays.
void mirror_halves(const std::uint8_t* crops, std::size_t count, Size size, std::uint8_t* halves);

/// Writes the cosine similarity of each pair of rows: 2 `count` embeddings of unit norm.
void pair_similarities(const float* embeddings, std::size_t count, std::size_t dim,
                       float* similarities);

/// What the coordinates of points are told by.
enum class PointFrame {
  eyes,  ///< from the middle between the eyes, along their line, in their distance
  box,   ///< from the box's top-left corner, in its width and height
};

/// Writes x and y of the points of each face in its frame, `points` of them with `sides` numbers
/// each, and with `unit` the pixels of the frame's unit (the eyes' distance; the box's width): how
/// large the face is. count x (2 points + unit). Throws InvalidArgument, which names the face, for
/// numbers that are not finite, eyes in one place and an empty box.
void point_features(PointFrame frame, const float* numbers, std::size_t count, std::size_t points,
                    std::size_t sides, const Point* landmarks, const float* boxes, bool unit,
                    float* features);

}  // namespace rostro
