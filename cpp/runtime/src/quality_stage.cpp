#include <algorithm>
#include <utility>

#include "crop_network.hpp"
#include "guarded.hpp"
#include "network_check.hpp"
#include "rostro/quality_network.hpp"
#include "rostro/runtime/stages.hpp"
#include "rostro/schemes.hpp"

namespace rostro {

namespace {

class MeasuredQualityStage : public Stage {
 public:
  explicit MeasuredQualityStage(QualityPurpose purpose) : quality_(quality_limits(purpose)) {}
  void run(const ImageView& image, Faces& faces) override { quality_.fill(image, faces); }

 private:
  Quality quality_;
};

/// By a network that looks at the face.
class QualityNetworkStage : public Stage {
 public:
  QualityNetworkStage(const QualitySettings& settings, std::unique_ptr<Network> network)
      : output_(output_index(*network, settings.output)),
        quality_(settings.network),
        network_(std::move(network), {crop_sides(settings.network.crop.size)}) {}

  void run(const ImageView& image, Faces& faces) override {
    float* quality = faces.add<float>(columns::quality);
    for (std::size_t begin = 0; begin < faces.size(); begin += QualityNetwork::batch) {
      const std::size_t count = std::min(QualityNetwork::batch, faces.size() - begin);
      quality_.prepare(image, faces, begin, count, network_.input(0, count));
      network_.run();
      quality_.finish(network_.rows_of(output_, count), count, quality + begin);
    }
  }

 private:
  std::size_t output_;
  QualityNetwork quality_;
  CropNetwork network_;
};

/// By a network that looks at the places of points alone.
class PointQualityStage : public Stage {
 public:
  PointQualityStage(QualitySettings settings, std::unique_ptr<Network> network)
      : settings_(std::move(settings)),
        output_(output_index(*network, settings_.output)),
        count_(2 * find_scheme(settings_.scheme).count + (settings_.unit ? 1 : 0)),
        features_(feature_sides(*network)),
        network_(std::move(network), {features_}) {
    check_quality_range(settings_.range);
  }

  void run(const ImageView&, Faces& faces) override {
    float* quality = faces.add<float>(columns::quality);
    if (faces.size() == 0) return;
    const auto* landmarks = reinterpret_cast<const Point*>(faces.get(columns::landmarks));
    if (landmarks == nullptr) landmarks = landmarks_of_points(faces);
    const float* points = reinterpret_cast<const float*>(landmarks);
    std::size_t sides = 2;
    if (settings_.scheme != "five") {
      points = faces.get(columns::points);
      if (points == nullptr || faces.scheme != settings_.scheme) {
        throw InvalidArgument("faces: got no points of " + settings_.scheme +
                              "; those of a landmark stage before are wanted");
      }
      sides = faces.width(columns::points) / find_scheme(faces.scheme).count;
    }
    point_features(settings_.frame, points, faces.size(), find_scheme(settings_.scheme).count,
                   sides, landmarks, faces.get(columns::boxes), settings_.unit,
                   network_.input(0, faces.size()));
    network_.run();
    const OutputView given = network_.rows_of(output_, faces.size());
    if (given.columns != 1) {
      throw StatusError(StatusCode::wrong_model,
                        network_.network().name() + ": gave " + std::to_string(given.columns) +
                            " numbers for a face; one is wanted of the output that its card names");
    }
    scale_quality(given.data, faces.size(), settings_.range, quality);
  }

 private:
  /// The features alone, or as an image of one pixel.
  std::vector<std::int64_t> feature_sides(const Network& network) const {
    const auto features = static_cast<std::int64_t>(count_);
    if (network.inputs().front().sides.size() == 4) return {features, 1, 1};
    return {features};
  }

  const Point* landmarks_of_points(const Faces& faces) {
    const float* points = faces.get(columns::points);
    if (points == nullptr) {
      throw InvalidArgument("faces: got a table without landmarks; landmarks are wanted");
    }
    const std::size_t count = find_scheme(faces.scheme).count;
    const std::size_t sides = faces.width(columns::points) / count;
    flat_.resize(2 * faces.size() * count);
    for (std::size_t i = 0; i < faces.size() * count; ++i) {
      std::copy_n(points + i * sides, 2, flat_.data() + 2 * i);
    }
    five_.resize(kLandmarks * faces.size());
    convert_points(scheme_conversion(faces.scheme, "five"), count, faces.size(), 2, flat_.data(),
                   reinterpret_cast<float*>(five_.data()));
    return five_.data();
  }

  QualitySettings settings_;
  std::size_t output_, count_;
  std::vector<std::int64_t> features_;  ///< sides of the input
  CropNetwork network_;
  std::vector<float> flat_;
  std::vector<Point> five_;
};

/// By what an embedder, placed before, said.
class EmbeddingQualityStage : public Stage {
 public:
  explicit EmbeddingQualityStage(QualitySettings settings) : settings_(std::move(settings)) {
    check_quality_range(settings_.range);
  }

  void run(const ImageView&, Faces& faces) override {
    const bool by_norm = settings_.kind == QualityKind::norm;
    const Column& column = by_norm ? columns::norms : columns::embeddings;
    if (!faces.has(column)) {
      throw InvalidArgument("faces: got a table without " + column.name +
                            "; those of the embedder, placed before, are wanted");
    }
    const float* numbers = faces.get(column);
    if (!by_norm) {
      check_dim(faces);
      distances_.resize(faces.size());
      distances_to_center(numbers, faces.size(), settings_.center.size(), settings_.center.data(),
                          distances_.data());
      numbers = distances_.data();
    }
    scale_quality(numbers, faces.size(), settings_.range, faces.add<float>(columns::quality));
  }

 private:
  void check_dim(const Faces& faces) const {
    const std::size_t dim = faces.width(columns::embeddings), wanted = settings_.center.size();
    if (dim == wanted) return;
    throw InvalidArgument("faces: got embeddings of " + std::to_string(dim) + " numbers; " +
                          std::to_string(wanted) + ", as the card's center has, are wanted");
  }

  QualitySettings settings_;
  std::vector<float> distances_;
};

}  // namespace

Status make_quality(QualityPurpose purpose, std::unique_ptr<Stage>& stage) {
  return guarded([&] { stage = std::make_unique<MeasuredQualityStage>(purpose); });
}

Status make_quality(const Card& card, std::unique_ptr<Network> network,
                    std::unique_ptr<Stage>& stage) {
  return guarded([&] {
    if (!card.quality || card.quality->kind == QualityKind::symmetry) {
      throw StatusError(StatusCode::wrong_model,
                        card.name + ": says no quality" +
                            (card.quality ? " but by symmetry, which is Python's" : "") +
                            "; [quality] in its card is wanted");
    }
    const QualitySettings& settings = *card.quality;
    if (settings.kind == QualityKind::scalar) {
      check_network(card, "quality", network.get());
      stage = std::make_unique<QualityNetworkStage>(settings, std::move(network));
    } else if (settings.kind == QualityKind::landmarks) {
      check_names(card, "quality", network.get());
      stage = std::make_unique<PointQualityStage>(settings, std::move(network));
    } else {
      stage = std::make_unique<EmbeddingQualityStage>(settings);
    }
  });
}

}  // namespace rostro
