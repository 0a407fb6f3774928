#include <utility>

#include "guarded.hpp"
#include "rostro/runtime/pipeline.hpp"
#include "rostro/runtime/weights.hpp"

namespace rostro {

namespace {

std::unique_ptr<Network> loaded(const std::shared_ptr<const OnnxRuntime>& library, const Card& card,
                                int threads) {
  OnnxOptions options;
  options.threads = threads;
  options.outputs = card.outputs;
  options.inputs = {card.input};
  if (!card.landmarks_input.empty()) options.inputs.push_back(card.landmarks_input);
  std::string file;
  must(find_weights(card, file));
  std::unique_ptr<Network> network;
  must(open_network(library, file, options, network));
  return network;
}

}  // namespace

Status open_pipeline(std::shared_ptr<const OnnxRuntime> library, const PipelineOptions& options,
                     std::unique_ptr<FacePipeline>& pipeline) {
  return guarded([&] {
    std::vector<std::unique_ptr<Stage>> stages;
    const auto next = [&]() -> std::unique_ptr<Stage>& { return stages.emplace_back(); };
    Card detector, embedder;
    // What is wrong with a card is said before a network is loaded.
    must(read_card(options.detector, detector, "detect"));
    const bool embeds = !options.embedder.empty();
    if (embeds) must(read_card(options.embedder, embedder, "embed"));
    must(make_detector(detector, loaded(library, detector, options.threads), next()));
    if (options.quality) must(make_quality(QualityPurpose::recognize, next()));
    if (options.head_pose) must(make_head_pose(60, next()));
    if (embeds) must(make_embedder(embedder, loaded(library, embedder, options.threads), next()));
    pipeline = std::make_unique<FacePipeline>(std::move(stages));
  });
}

}  // namespace rostro
