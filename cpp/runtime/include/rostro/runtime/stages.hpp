#pragma once

#include <memory>
#include <vector>

#include "rostro/faces.hpp"
#include "rostro/image_view.hpp"
#include "rostro/quality.hpp"
#include "rostro/runtime/card.hpp"
#include "rostro/runtime/network.hpp"

namespace rostro {

/// A step of a pipeline: says more of the faces of an image, as columns of their table. A stage of
/// your own derives from this; it may throw, which the pipeline tells as a status.
///
/// A pipeline never runs one in two threads at once; a stage belongs to one pipeline.
class Stage {
 public:
  Stage() = default;
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;
  virtual ~Stage() = default;

  virtual void run(const ImageView& image, Faces& faces) = 0;
};

/// Each makes a stage of a task of the core, and of a network where it has one, as the classes of
/// the same names in Python. Refused: a card for another task, and a network with other inputs or
/// outputs than its card says.
///
/// The first stage of a pipeline: makes the table anew, with the faces that it finds. Images are
/// shrunk so that their longer side is at most 640 pixels, or to the one size that the network
/// takes; other sizes and tiles by the card's `detector` settings, which may be changed before.
Status make_detector(const Card& card, std::unique_ptr<Network> network,
                     std::unique_ptr<Stage>& stage);

/// Columns embeddings and norms.
Status make_embedder(const Card& card, std::unique_ptr<Network> network,
                     std::unique_ptr<Stage>& stage);

/// Columns quality and reasons, and the attributes of each measure.
Status make_quality(QualityPurpose purpose, std::unique_ptr<Stage>& stage);

/// Column quality, by a card with [quality]: by its network, or where the card is an embedder's by
/// what that said, placed before; no network is wanted then. The kind "symmetry" is Python's.
Status make_quality(const Card& card, std::unique_ptr<Network> network,
                    std::unique_ptr<Stage>& stage);

/// Column points, and the attributes certainty and, where the network says it, presence. Of a
/// morphable face poses, too. With `landmarks` the five landmarks become those of the points, of
/// faces that the network sees.
Status make_landmarker(const Card& card, std::unique_ptr<Network> network, bool landmarks,
                       std::unique_ptr<Stage>& stage);

/// Columns poses and translations by points or landmarks, for images of so many degrees from their
/// left edge to the right one.
Status make_head_pose(double hfov, std::unique_ptr<Stage>& stage);

/// A network of several that say the same, and whose mean is meant.
struct CardedNetwork {
  Card card;
  std::unique_ptr<Network> network;
};

/// Column poses, by networks that look at the faces: that of a card, and those of the cards that it
/// names.
Status make_head_pose(std::vector<CardedNetwork> networks, std::unique_ptr<Stage>& stage);

/// Column live, likewise. The threshold is for the caller: Card::thresholds, "live".
Status make_liveness(std::vector<CardedNetwork> networks, std::unique_ptr<Stage>& stage);

/// Columns "attributes.NAME", one for each head of the network.
Status make_attributes(const Card& card, std::unique_ptr<Network> network,
                       std::unique_ptr<Stage>& stage);

}  // namespace rostro
