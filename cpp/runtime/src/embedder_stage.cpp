#include <algorithm>
#include <utility>

#include "crop_network.hpp"
#include "guarded.hpp"
#include "network_check.hpp"
#include "rostro/embedder.hpp"
#include "rostro/runtime/stages.hpp"

namespace rostro {

namespace {

std::vector<std::vector<std::int64_t>> input_sides(const EmbedderSettings& settings) {
  if (!settings.landmarks) return {crop_sides(settings.size)};
  return {crop_sides(settings.size), {kLandmarks, 2}};
}

class EmbedderStage : public Stage {
 public:
  EmbedderStage(const Card& card, std::unique_ptr<Network> network)
      // check_network has seen its task. NOLINTNEXTLINE(bugprone-unchecked-optional-access)
      : embedder_(*card.embedder),
        network_(std::move(network), input_sides(embedder_.settings())),
        output_(output_index(network_.network(), card.embedding)),
        sides_{static_cast<int>(embedder_.settings().dim)} {}

  void run(const ImageView& image, Faces& faces) override {
    float* embeddings = faces.add<float>(columns::embeddings, sides_);
    float* norms = faces.add<float>(columns::norms);
    for (std::size_t begin = 0; begin < faces.size(); begin += Embedder::batch) {
      const std::size_t count = std::min(Embedder::batch, faces.size() - begin);
      const std::size_t rows = embedder_.rows(count);
      float* crops = network_.input(0, rows);
      float* points = embedder_.settings().landmarks ? network_.input(1, rows) : nullptr;
      embedder_.prepare(image, faces, begin, count, crops, points);
      network_.run();
      Tensor output = network_.output(output_);
      // A convolution is the last layer.
      if (output.rank == 4 && output.sides[2] == 1 && output.sides[3] == 1) output.rank = 2;
      embedder_.finish(view_of(output), count, embeddings + begin * embedder_.settings().dim,
                       norms + begin);
    }
  }

 private:
  Embedder embedder_;
  CropNetwork network_;
  std::size_t output_;
  std::vector<int> sides_;  ///< of an embedding
};

}  // namespace

Status make_embedder(const Card& card, std::unique_ptr<Network> network,
                     std::unique_ptr<Stage>& stage) {
  return guarded([&] {
    check_network(card, "embed", network.get());
    stage = std::make_unique<EmbedderStage>(card, std::move(network));
  });
}

}  // namespace rostro
