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
  options.inputs = card.inputs;
  options.outputs = card.outputs;
  std::string file;
  must(find_weights(card, file));
  std::unique_ptr<Network> network;
  must(open_network(library, file, options, network));
  return network;
}

/// The card's network, and those of the cards that it names.
std::vector<CardedNetwork> all_loaded(const std::shared_ptr<const OnnxRuntime>& library, Card card,
                                      int threads) {
  std::vector<Card> cards = {std::move(card)};
  const std::vector<std::string> paths = cards.front().networks;
  for (const std::string& path : paths) {
    must(read_card(path, cards.emplace_back(), cards.front().task));
  }
  std::vector<CardedNetwork> networks;
  for (Card& each : cards) {
    std::unique_ptr<Network> network = loaded(library, each, threads);
    networks.push_back({std::move(each), std::move(network)});
  }
  return networks;
}

std::unique_ptr<Stage> opened(const std::shared_ptr<const OnnxRuntime>& library,
                              const StageOptions& options) {
  Card card;
  must(read_card(options.card, card));
  const auto network = [&] { return loaded(library, card, options.threads); };
  const auto networks = [&] { return all_loaded(library, card, options.threads); };
  std::unique_ptr<Stage> stage;
  if (card.task == "detect") {
    must(make_detector(card, network(), stage));
  } else if (card.task == "embed") {
    must(make_embedder(card, network(), stage));
  } else if (card.task == "landmarks") {
    must(make_landmarker(card, network(), options.landmarks, stage));
  } else if (card.task == "pose") {
    must(make_head_pose(networks(), stage));
  } else if (card.task == "liveness") {
    must(make_liveness(networks(), stage));
  } else if (card.task == "attributes") {
    must(make_attributes(card, network(), stage));
  } else {
    must(make_quality(card, network(), stage));
  }
  return stage;
}

}  // namespace

Status open_stage(std::shared_ptr<const OnnxRuntime> library, const StageOptions& options,
                  std::unique_ptr<Stage>& stage) {
  return guarded([&] { stage = opened(library, options); });
}

}  // namespace rostro
