#include <utility>

#include "guarded.hpp"
#include "rostro/runtime/ncnn.hpp"
#include "rostro/runtime/pipeline.hpp"
#include "rostro/runtime/weights.hpp"

namespace rostro {

namespace {

using Library = std::shared_ptr<const OnnxRuntime>;

std::unique_ptr<Network> loaded_by_onnxruntime(const Library& library, const Card& card,
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

/// The sides of the image that a network takes; 0x0: any.
Size image_size(const Card& card) {
  if (card.detector) return card.detector->sizes.only;
  if (card.embedder) return card.embedder->size;
  if (card.landmarker) return card.landmarker->crop.size;
  if (card.head_pose) return card.head_pose->crop.size;
  if (card.liveness) return card.liveness->crop.size;
  if (card.attributes) return card.attributes->crop.size;
  return card.quality ? card.quality->network.crop.size : Size{};
}

std::unique_ptr<Network> loaded_by_ncnn(const Card& card, int threads) {
  if (card.inputs.size() > 1) {
    throw StatusError(StatusCode::wrong_model,
                      card.name + ": takes more than an image; ONNX Runtime is wanted for it");
  }
  const auto side = [](int pixels) { return pixels > 0 ? std::int64_t{pixels} : kFreeSide; };
  const Size size = image_size(card);
  NcnnOptions options;
  options.threads = threads;
  options.inputs = {{card.inputs.front(), {1, 3, side(size.height), side(size.width)}}};
  options.outputs = card.outputs;
  std::string param, weights;
  must(find_ncnn_weights(card, param, weights));
  std::unique_ptr<Network> network;
  must(open_ncnn_network(param, weights, options, network));
  return network;
}

std::unique_ptr<Network> loaded(const Library& library, const Card& card,
                                const StageOptions& options) {
  if (options.engine == Engine::ncnn) return loaded_by_ncnn(card, options.threads);
  return loaded_by_onnxruntime(library, card, options.threads);
}

/// The card's network, and those of the cards that it names.
std::vector<CardedNetwork> all_loaded(const Library& library, Card card,
                                      const StageOptions& options) {
  std::vector<Card> cards = {std::move(card)};
  const std::vector<std::string> paths = cards.front().networks;
  for (const std::string& path : paths) {
    must(read_card(path, cards.emplace_back(), cards.front().task));
  }
  std::vector<CardedNetwork> networks;
  for (Card& each : cards) {
    std::unique_ptr<Network> network = loaded(library, each, options);
    networks.push_back({std::move(each), std::move(network)});
  }
  return networks;
}

std::unique_ptr<Stage> opened(const Library& library, const StageOptions& options) {
  Card card;
  must(read_card(options.card, card));
  const auto network = [&] { return loaded(library, card, options); };
  const auto networks = [&] { return all_loaded(library, card, options); };
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
