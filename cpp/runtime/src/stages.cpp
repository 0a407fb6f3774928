#include "rostro/runtime/stages.hpp"

#include <cmath>
#include <utility>

#include "guarded.hpp"
#include "rostro/head_pose.hpp"

namespace rostro {

namespace {

class QualityStage : public Stage {
 public:
  explicit QualityStage(QualityPurpose purpose) : quality_(quality_limits(purpose)) {}
  void run(const ImageView& image, Faces& faces) override { quality_.fill(image, faces); }

 private:
  Quality quality_;
};

class HeadPoseStage : public Stage {
 public:
  explicit HeadPoseStage(double hfov) : hfov_(hfov) {}
  void run(const ImageView& image, Faces& faces) override {
    fit_head_poses(faces, Camera::assumed(image.size, hfov_));
  }

 private:
  double hfov_;
};

}  // namespace

Status make_quality(QualityPurpose purpose, std::unique_ptr<Stage>& stage) {
  return guarded([&] { stage = std::make_unique<QualityStage>(purpose); });
}

Status make_head_pose(double hfov, std::unique_ptr<Stage>& stage) {
  return guarded([&] {
    Camera::assumed({1, 1}, hfov);  // refuses what is no angle
    stage = std::make_unique<HeadPoseStage>(hfov);
  });
}

}  // namespace rostro
