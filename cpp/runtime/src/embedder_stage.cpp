#include <algorithm>
#include <utility>

#include "batches.hpp"
#include "guarded.hpp"
#include "network_check.hpp"
#include "rostro/embedder.hpp"
#include "rostro/runtime/stages.hpp"
#include "support/aligned_vector.hpp"

namespace rostro {

namespace {

class EmbedderStage : public Stage {
 public:
  EmbedderStage(const Card& card, std::unique_ptr<Network> network)
      // check_network has seen its task. NOLINTNEXTLINE(bugprone-unchecked-optional-access)
      : embedder_(*card.embedder),
        batches_(std::move(network)),
        output_(output_index(batches_.network(), card.embedding)),
        sides_{static_cast<int>(embedder_.settings().dim)},
        inputs_(batches_.network().inputs().size()) {}

  void run(const ImageView& image, Faces& faces) override {
    float* embeddings = faces.add<float>(columns::embeddings, sides_);
    float* norms = faces.add<float>(columns::norms);
    for (std::size_t begin = 0; begin < faces.size(); begin += Embedder::batch) {
      const std::size_t count = std::min(Embedder::batch, faces.size() - begin);
      make_room(embedder_.rows(count));
      embedder_.prepare(image, faces, begin, count, tensor_.data(), points_.data());
      batches_.run(inputs_, outputs_);
      Tensor& output = outputs_[output_];
      // A convolution is the last layer.
      if (output.rank == 4 && output.sides[2] == 1 && output.sides[3] == 1) output.rank = 2;
      embedder_.finish(view_of(output), count, embeddings + begin * embedder_.settings().dim,
                       norms + begin);
    }
  }

 private:
  void make_room(std::size_t rows) {
    const auto count = static_cast<std::int64_t>(rows);
    const auto [width, height] = embedder_.settings().size;
    inputs_[0] = {nullptr, {count, 3, height, width}, 4};
    if (tensor_.size() < inputs_[0].size()) tensor_.resize(inputs_[0].size());
    inputs_[0].data = tensor_.data();
    if (!embedder_.settings().landmarks) return;
    inputs_[1] = {nullptr, {count, kLandmarks, 2}, 3};
    if (points_.size() < inputs_[1].size()) points_.resize(inputs_[1].size());
    inputs_[1].data = points_.data();
  }

  Embedder embedder_;
  Batches batches_;
  std::size_t output_;
  std::vector<int> sides_;  ///< of an embedding
  AlignedVector<float> tensor_, points_;
  std::vector<Tensor> inputs_, outputs_;
};

}  // namespace

Status make_embedder(const Card& card, std::unique_ptr<Network> network,
                     std::unique_ptr<Stage>& stage) {
  return guarded([&] {
    check_network(card, "embed", network.get(), card.landmarks_input.empty() ? 1 : 2);
    stage = std::make_unique<EmbedderStage>(card, std::move(network));
  });
}

}  // namespace rostro
