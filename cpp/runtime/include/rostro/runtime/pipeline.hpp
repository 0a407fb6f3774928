#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "rostro/runtime/onnxruntime.hpp"
#include "rostro/runtime/stages.hpp"

namespace rostro {

/// From an image to the table of its faces in one call: stages in their order, the first of which
/// finds the faces.
///
/// One thread at a time: a call while another thread's is on is refused with StatusCode::busy.
/// Several pipelines, each with networks of its own, share nothing and may run at once.
class FacePipeline {
 public:
  explicit FacePipeline(std::vector<std::unique_ptr<Stage>> stages) : stages_(std::move(stages)) {}
  FacePipeline(const FacePipeline&) = delete;
  FacePipeline& operator=(const FacePipeline&) = delete;

  /// The faces of an image, best first, in its own pixels. The image is read where it lies. `faces`
  /// is made anew, and its memory used again: after the largest image and number of faces nothing
  /// of ours is allocated, nor are the networks' inputs made anew. Where the status is not ok,
  /// there are no faces in it.
  Status find(const ImageView& image, Faces& faces) noexcept;

 private:
  std::vector<std::unique_ptr<Stage>> stages_;
  std::atomic<bool> runs_{false};
};

/// What runs a network.
enum class Engine {
  onnxruntime,
  ncnn,  ///< see ncnn.hpp; of networks that take an image and nothing else
};

/// A stage of a model card.
struct StageOptions {
  std::string card;        ///< its path
  int threads = 1;         ///< of each network
  bool landmarks = false;  ///< of a landmark network: see make_landmarker
  Engine engine = Engine::onnxruntime;
};

/// Reads the card, finds and checks its weights, loads the network or networks, and makes the stage
/// of its task. `library`: none is wanted for ncnn.
Status open_stage(std::shared_ptr<const OnnxRuntime> library, const StageOptions& options,
                  std::unique_ptr<Stage>& stage);

/// What a pipeline of model cards is made of.
struct PipelineOptions {
  std::string detector;       ///< path of a card
  std::string embedder = {};  ///< likewise; empty: no embeddings
  bool quality = false;       ///< whether stages for these come before the embedder, in this order
  bool head_pose = false;
  int threads = 1;  ///< of detector and embedder
  /// Other networks, between the detector and all that is named above.
  std::vector<StageOptions> stages = {};
  Engine engine = Engine::onnxruntime;  ///< of detector and embedder
};

/// Reads the cards, then opens all stages.
Status open_pipeline(std::shared_ptr<const OnnxRuntime> library, const PipelineOptions& options,
                     std::unique_ptr<FacePipeline>& pipeline);

}  // namespace rostro
