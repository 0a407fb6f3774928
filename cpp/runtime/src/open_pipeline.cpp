#include <utility>

#include "guarded.hpp"
#include "rostro/runtime/followed_pipeline.hpp"

namespace rostro {

namespace {

using Library = std::shared_ptr<const OnnxRuntime>;

std::unique_ptr<Stage> opened(const Library& library, const PipelineOptions& options,
                              const std::string& card) {
  StageOptions of_stage;
  of_stage.card = card;
  of_stage.threads = options.threads;
  of_stage.engine = options.engine;
  std::unique_ptr<Stage> stage;
  must(open_stage(library, of_stage, stage));
  return stage;
}

/// All but the embedder.
std::vector<std::unique_ptr<Stage>> opened(const Library& library, const PipelineOptions& options) {
  // What is wrong with a card is said before a network is loaded.
  Card card;
  must(read_card(options.detector, card, "detect"));
  for (const StageOptions& stage : options.stages) must(read_card(stage.card, card));
  if (!options.embedder.empty()) must(read_card(options.embedder, card, "embed"));

  std::vector<std::unique_ptr<Stage>> stages;
  const auto next = [&]() -> std::unique_ptr<Stage>& { return stages.emplace_back(); };
  next() = opened(library, options, options.detector);
  for (const StageOptions& stage : options.stages) must(open_stage(library, stage, next()));
  if (options.quality) must(make_quality(QualityPurpose::recognize, next()));
  if (options.head_pose) must(make_head_pose(60, next()));
  return stages;
}

}  // namespace

Status open_pipeline(std::shared_ptr<const OnnxRuntime> library, const PipelineOptions& options,
                     std::unique_ptr<FacePipeline>& pipeline) {
  return guarded([&] {
    std::vector<std::unique_ptr<Stage>> stages = opened(library, options);
    if (!options.embedder.empty()) {
      stages.push_back(opened(library, options, options.embedder));
    }
    pipeline = std::make_unique<FacePipeline>(std::move(stages));
  });
}

Status open_followed_pipeline(std::shared_ptr<const OnnxRuntime> library,
                              const PipelineOptions& options, const FollowSettings& settings,
                              std::unique_ptr<FollowedPipeline>& pipeline) {
  return guarded([&] {
    std::vector<std::unique_ptr<Stage>> stages = opened(library, options);
    std::unique_ptr<Stage> embedder;
    if (!options.embedder.empty()) embedder = opened(library, options, options.embedder);
    pipeline = std::make_unique<FollowedPipeline>(std::move(stages), std::move(embedder), settings);
  });
}

}  // namespace rostro
