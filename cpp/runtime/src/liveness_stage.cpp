#include <algorithm>
#include <utility>

#include "crop_network.hpp"
#include "guarded.hpp"
#include "network_check.hpp"
#include "rostro/liveness.hpp"
#include "rostro/runtime/stages.hpp"

namespace rostro {

namespace {

class LivenessStage : public Stage {
 public:
  explicit LivenessStage(std::vector<CardedNetwork> networks) : shares_(networks.size()) {
    for (CardedNetwork& each : networks) {
      check_network(each.card, "liveness", each.network.get());
      const std::size_t output = output_index(*each.network, each.card.live);
      // check_network has seen its task. NOLINTNEXTLINE(bugprone-unchecked-optional-access)
      Liveness task(*each.card.liveness);
      const Size size = task.settings().crop.size;
      networks_.push_back(
          {std::move(task), CropNetwork(std::move(each.network), {crop_sides(size)}), output});
    }
  }

  void run(const ImageView& image, Faces& faces) override {
    for (std::size_t i = 0; i < networks_.size(); ++i) {
      auto& [task, network, output] = networks_[i];
      shares_[i].resize(faces.size());
      for (std::size_t begin = 0; begin < faces.size(); begin += Liveness::batch) {
        const std::size_t count = std::min(Liveness::batch, faces.size() - begin);
        task.prepare(image, faces, begin, count, network.input(0, count), transforms_);
        network.run();
        task.finish(network.rows_of(output, count), count, shares_[i].data() + begin);
      }
    }
    mean_live(shares_, faces.add<float>(columns::live));
  }

 private:
  struct OfNetwork {
    Liveness task;
    CropNetwork network;
    std::size_t output;
  };
  std::vector<OfNetwork> networks_;
  std::vector<Affine> transforms_;
  std::vector<std::vector<float>> shares_;  ///< of each network
};

}  // namespace

Status make_liveness(std::vector<CardedNetwork> networks, std::unique_ptr<Stage>& stage) {
  return guarded([&] {
    check_some(networks);
    stage = std::make_unique<LivenessStage>(std::move(networks));
  });
}

}  // namespace rostro
