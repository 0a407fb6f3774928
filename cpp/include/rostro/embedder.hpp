#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "rostro/decode.hpp"
#include "rostro/faces.hpp"
#include "rostro/image_view.hpp"
#include "rostro/templates.hpp"
#include "rostro/tensor_format.hpp"

namespace rostro {

/// Which part of a network's output for a crop is the embedding: all of it, or of a transformer's
/// tokens the first (the class token), the mean of all, or that of all but the first (the patches).
enum class EmbeddingToken { none, first, mean, patches };

/// What a card says of an embedder.
struct EmbedderSettings {
  std::string name;                       ///< of the model, for messages
  std::size_t dim = 0;                    ///< numbers of an embedding
  Size size = {112, 112};                 ///< of the crops in pixels
  std::string crop_template = "arcface";  ///< see templates.hpp; "box": the detector's box instead
  std::optional<CropTemplate> own_template =
      {};             ///< in 0..1 of the crop; instead of `crop_template`
  bool flip = false;  ///< whether an embedding is the mean of those of a crop and its mirror image
  bool landmarks = false;  ///< whether the network has a second input, the landmarks in the crop
  TensorFormat input = {};
  EmbeddingToken token = EmbeddingToken::none;
};

/// The two halves around an embedding network: `prepare` makes its inputs of faces, `finish`
/// embeddings of its output. A run of the network takes `batch` faces at most, so that what a
/// network holds in memory does not grow with the number of faces.
///
/// Thread-safe.
class Embedder {
 public:
  static constexpr std::size_t batch = 8;

  /// Throws InvalidArgument for settings that are out of range or do not go together.
  explicit Embedder(EmbedderSettings settings);

  const EmbedderSettings& settings() const { return settings_; }

  /// Rows that the network's tensor has for so many faces: with `flip` the crops, then their mirror
  /// images.
  std::size_t rows(std::size_t faces) const { return settings_.flip ? 2 * faces : faces; }

  /// Writes the inputs for the `count` faces from `begin` on: `tensor`, rows x 3 x height x width,
  /// and `points`, rows x 5 x 2 in 0..1 of the crop, unless the network has no second input. Throws
  /// InvalidArgument, which names the face, where the crop does not follow from it.
  void prepare(const ImageView& image, const Faces& faces, std::size_t begin, std::size_t count,
               float* tensor, float* points) const;

  /// The same for crops that are there already: count x height x width x 3 bytes in the order
  /// `channels`, with `landmarks`, count x 5 points in pixels of the crops, unless the network has
  /// no second input.
  void prepare_crops(const std::uint8_t* crops, std::size_t count, ChannelOrder channels,
                     const Point* landmarks, float* tensor, float* points) const;

  /// The crops that the network takes of faces: N x height x width x 3 bytes.
  void crops(const ImageView& image, const Faces& faces, ChannelOrder channels,
             std::uint8_t* out) const;

  /// Writes the embeddings of `count` faces, count x dim of unit norm, and the norms that the
  /// network gave them, of its output for `rows(count)` rows: rows x dim, or rows planes of
  /// tokens x dim where the settings have a token. A low norm tells a face that is hard
  /// to recognise: blurred, small, turned away, covered (Kim et al., "AdaFace", 2022, section 3.2).
  /// Throws ModelMismatch for an output of another shape, and NetworkError where a norm is 0 or not
  /// finite.
  void finish(const OutputView& output, std::size_t count, float* embeddings, float* norms) const;

 private:
  const Point* landmarks_of(const Faces& faces) const;
  const std::vector<float>& token_of(const OutputView& output, std::size_t count) const;
  void finish_rows(const float* output, std::size_t count, float* embeddings, float* norms) const;
  void mirror(std::size_t count, float* tensor, float* points) const;

  EmbedderSettings settings_;
  CropTemplate template_ = {};
};

}  // namespace rostro
