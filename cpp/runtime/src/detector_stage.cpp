#include <utility>

#include "guarded.hpp"
#include "network_check.hpp"
#include "rostro/detector.hpp"
#include "rostro/runtime/stages.hpp"
#include "support/aligned_vector.hpp"

namespace rostro {

namespace {

/// The card's settings for this network: the order of its outputs, and the one size that it takes.
DetectorSettings settings_of(const Card& card, const Network& network) {
  // check_network has seen its task. NOLINTNEXTLINE(bugprone-unchecked-optional-access)
  DetectorSettings settings = *card.detector;
  // The head's order is the card's, whatever the network's own is.
  if (settings.outputs.empty()) settings.outputs = settings.network_outputs;
  settings.network_outputs.clear();
  for (const TensorInfo& output : network.outputs()) {
    settings.network_outputs.push_back(output.name);
  }
  const std::vector<std::int64_t>& sides = network.inputs().front().sides;
  if (settings.sizes.only.width == 0 && sides[2] > 0 && sides[3] > 0) {
    settings.sizes.only = {static_cast<int>(sides[3]), static_cast<int>(sides[2])};
  }
  return settings;
}

class DetectorStage : public Stage {
 public:
  DetectorStage(const Card& card, std::unique_ptr<Network> network)
      : detector_(settings_of(card, *network)), network_(std::move(network)), inputs_(1) {}

  void run(const ImageView& image, Faces& faces) override {
    const bool same = image.size.width == seen_.width && image.size.height == seen_.height;
    if (!same) {
      views_ = detector_.views(image);
      parts_.resize(views_.size());
      seen_ = image.size;
    }
    if (views_.size() == 1) {
      find(image, views_.front(), faces);
      return;
    }
    for (std::size_t i = 0; i < views_.size(); ++i) find(image, views_[i], parts_[i]);
    detector_.join(parts_, faces);
  }

 private:
  void find(const ImageView& image, const DetectorView& view, Faces& found) {
    const auto [width, height] = view.input;
    inputs_[0] = {nullptr, {1, 3, height, width}, 4};
    if (tensor_.size() < inputs_[0].size()) tensor_.resize(inputs_[0].size());
    inputs_[0].data = tensor_.data();
    detector_.prepare(image, view, tensor_.data());
    must(network_->run(inputs_, outputs_));
    seen_outputs_.clear();
    for (const Tensor& output : outputs_) seen_outputs_.push_back(view_of(output));
    detector_.finish(view, seen_outputs_, found);
  }

  Detector detector_;
  std::unique_ptr<Network> network_;
  Size seen_ = {};  ///< of the image that the views are of
  std::vector<DetectorView> views_;
  std::vector<Faces> parts_;  ///< one for each view
  AlignedVector<float> tensor_;
  std::vector<Tensor> inputs_, outputs_;
  std::vector<OutputView> seen_outputs_;
};

}  // namespace

Status make_detector(const Card& card, std::unique_ptr<Network> network,
                     std::unique_ptr<Stage>& stage) {
  return guarded([&] {
    check_network(card, "detect", network.get());
    stage = std::make_unique<DetectorStage>(card, std::move(network));
  });
}

}  // namespace rostro
