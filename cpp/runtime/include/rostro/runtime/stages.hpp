#pragma once

#include <memory>

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

/// Columns poses and translations by points or landmarks, for images of so many degrees from their
/// left edge to the right one.
Status make_head_pose(double hfov, std::unique_ptr<Stage>& stage);

}  // namespace rostro
