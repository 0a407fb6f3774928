#include <algorithm>
#include <utility>

#include "crop_network.hpp"
#include "guarded.hpp"
#include "network_check.hpp"
#include "rostro/head_pose.hpp"
#include "rostro/runtime/stages.hpp"

namespace rostro {

namespace {

class FittedPoseStage : public Stage {
 public:
  explicit FittedPoseStage(double hfov) : hfov_(hfov) {}
  void run(const ImageView& image, Faces& faces) override {
    fit_head_poses(faces, Camera::assumed(image.size, hfov_));
  }

 private:
  double hfov_;
};

class PoseNetworksStage : public Stage {
 public:
  explicit PoseNetworksStage(std::vector<CardedNetwork> networks) : rotations_(networks.size()) {
    for (CardedNetwork& each : networks) {
      check_network(each.card, "pose", each.network.get());
      // check_network has seen its task. NOLINTNEXTLINE(bugprone-unchecked-optional-access)
      HeadPose task(*each.card.head_pose);
      const Size size = task.settings().crop.size;
      networks_.push_back(
          {std::move(task), CropNetwork(std::move(each.network), {crop_sides(size)})});
    }
  }

  void run(const ImageView& image, Faces& faces) override {
    for (auto& rotations : rotations_) rotations.clear();
    for (std::size_t begin = 0; begin < faces.size(); begin += HeadPose::batch) {
      const std::size_t count = std::min(HeadPose::batch, faces.size() - begin);
      for (std::size_t i = 0; i < networks_.size(); ++i) {
        auto& [task, network] = networks_[i];
        task.prepare(image, faces, begin, count, network.input(0, count), transforms_);
        network.run();
        outputs_.clear();
        for (std::size_t k = 0; k < network.network().outputs().size(); ++k) {
          outputs_.push_back(network.rows_of(k, count));
        }
        task.finish(outputs_, transforms_, rotations_[i]);
      }
    }
    mean_poses(rotations_, faces.add<float>(columns::poses));
  }

 private:
  struct OfNetwork {
    HeadPose task;
    CropNetwork network;
  };
  std::vector<OfNetwork> networks_;
  std::vector<std::vector<Matrix3>> rotations_;  ///< of each network
  std::vector<Affine> transforms_;
  std::vector<OutputView> outputs_;
};

}  // namespace

Status make_head_pose(double hfov, std::unique_ptr<Stage>& stage) {
  return guarded([&] {
    Camera::assumed({1, 1}, hfov);  // refuses what is no angle
    stage = std::make_unique<FittedPoseStage>(hfov);
  });
}

Status make_head_pose(std::vector<CardedNetwork> networks, std::unique_ptr<Stage>& stage) {
  return guarded([&] {
    check_some(networks);
    stage = std::make_unique<PoseNetworksStage>(std::move(networks));
  });
}

}  // namespace rostro
