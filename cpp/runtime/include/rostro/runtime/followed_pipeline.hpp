#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "rostro/fusion.hpp"
#include "rostro/runtime/pipeline.hpp"
#include "rostro/tracker.hpp"

namespace rostro {

struct FollowSettings {
  /// Its `recognize` should be the embedder's threshold: Card::thresholds, "cosine".
  TrackerSettings tracker = {};
  /// Somebody who is followed is embedded again after so many seconds; 0: in every frame.
  double embed_every = 1;
};

/// Follows the faces of a video: ids that last. Detector and stages see every frame; a face is
/// embedded where nobody is expected of whom there is an embedding, and then every `embed_every`.
///
/// One thread at a time, as FacePipeline.
class FollowedPipeline {
 public:
  /// `stages`: those of a FacePipeline, without an embedder. `embedder`: may be none; who comes
  /// back then gets another id. Throws InvalidArgument for settings that are out of range.
  FollowedPipeline(std::vector<std::unique_ptr<Stage>> stages, std::unique_ptr<Stage> embedder,
                   const FollowSettings& settings);

  /// The faces of the next frame with ids, -1 of who is nobody, or not yet. Embeddings and norms
  /// are 0 of faces that were not embedded in this frame, and missing where none was. `time`: in
  /// seconds, after the last one; one that turns back by more than TrackerSettings::restart_after
  /// begins a new stream. Nothing of ours is allocated while nobody new comes.
  Status find(const ImageView& image, double time, Faces& faces) noexcept;

  /// What the last frame brought.
  const std::vector<TrackEvent>& events() const { return tracker_.events(); }

  /// The mean of all embeddings of somebody, of unit norm; empty of who was never embedded, or is
  /// forgotten. To be looked up in a gallery: see identify.hpp.
  void template_of(std::int64_t id, std::vector<float>& found) const;

 private:
  struct Person {
    std::int64_t id;
    double embedded_at;
    MeanTemplate mean;
  };

  void embed(const ImageView& image, double time, Faces& faces);
  bool is_due(const float* box, double time) const;
  void remember(const Faces& faces, double time);
  const Person* find_person(std::int64_t id) const;

  FollowSettings settings_;
  FacePipeline pipeline_;
  std::unique_ptr<Stage> embedder_;
  Tracker tracker_;
  double time_;
  std::vector<TrackedFace> expected_;
  std::vector<std::int64_t> due_;  ///< rows to be embedded
  Faces part_;                     ///< those
  std::vector<int> sides_;         ///< of an embedding
  std::vector<Person> people_;
  std::atomic<bool> runs_{false};
};

/// The same as a status, and of model cards.
Status open_followed_pipeline(std::shared_ptr<const OnnxRuntime> library,
                              const PipelineOptions& options, const FollowSettings& settings,
                              std::unique_ptr<FollowedPipeline>& pipeline);

}  // namespace rostro
