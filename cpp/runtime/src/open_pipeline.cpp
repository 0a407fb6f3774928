#include <utility>

#include "guarded.hpp"
#include "rostro/runtime/pipeline.hpp"

namespace rostro {

Status open_pipeline(std::shared_ptr<const OnnxRuntime> library, const PipelineOptions& options,
                     std::unique_ptr<FacePipeline>& pipeline) {
  return guarded([&] {
    // What is wrong with a card is said before a network is loaded.
    Card card;
    must(read_card(options.detector, card, "detect"));
    for (const StageOptions& stage : options.stages) must(read_card(stage.card, card));
    if (!options.embedder.empty()) must(read_card(options.embedder, card, "embed"));

    std::vector<std::unique_ptr<Stage>> stages;
    const auto next = [&]() -> std::unique_ptr<Stage>& { return stages.emplace_back(); };
    must(open_stage(library, {options.detector, options.threads}, next()));
    for (const StageOptions& stage : options.stages) must(open_stage(library, stage, next()));
    if (options.quality) must(make_quality(QualityPurpose::recognize, next()));
    if (options.head_pose) must(make_head_pose(60, next()));
    if (!options.embedder.empty()) {
      must(open_stage(library, {options.embedder, options.threads}, next()));
    }
    pipeline = std::make_unique<FacePipeline>(std::move(stages));
  });
}

}  // namespace rostro
