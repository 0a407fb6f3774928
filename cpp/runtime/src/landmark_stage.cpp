#include <algorithm>
#include <cmath>
#include <utility>

#include "crop_network.hpp"
#include "guarded.hpp"
#include "network_check.hpp"
#include "rostro/landmarker.hpp"
#include "rostro/runtime/stages.hpp"
#include "rostro/schemes.hpp"

namespace rostro {

namespace {

/// The least presence of points that mean something.
constexpr float kTrusted = 0.5f;

Column attribute(const std::string& name, std::vector<int> sides = {}) {
  return {"attributes." + name, name, ColumnKind::value, ColumnType::float32, std::move(sides)};
}

/// As python/rostro/landmarks/landmarker.py.
class LandmarkStage : public Stage {
 public:
  LandmarkStage(const Card& card, std::unique_ptr<Network> network, bool landmarks)
      // check_network has seen its task. NOLINTNEXTLINE(bugprone-unchecked-optional-access)
      : landmarker_(*card.landmarker),
        network_(std::move(network), {crop_sides(landmarker_.settings().crop.size)}),
        replaces_(landmarks),
        sides_{static_cast<int>(landmarker_.points()), static_cast<int>(landmarker_.sides())},
        to_five_(scheme_conversion(landmarker_.settings().scheme, "five")) {
    if (landmarks && landmarker_.points() == 0) {
      throw StatusError(StatusCode::wrong_model,
                        card.name +
                            ": landmarks: got true of a morphable face without a basis, "
                            "which has no points; landmarks.basis in the card is wanted");
    }
    points_ = output_index(network_.network(), card.points.points);
    const LandmarkerSettings& settings = landmarker_.settings();
    if (settings.depth) depth_ = output_index(network_.network(), card.points.depth);
    if (settings.presence) presence_ = output_index(network_.network(), card.points.presence);
    for (const OutputAttribute& each : card.points.attributes) {
      attributes_.push_back({attribute(each.name, {static_cast<int>(each.count)}), each.count,
                             output_index(network_.network(), each.output)});
    }
  }

  void run(const ImageView& image, Faces& faces) override {
    const LandmarkerSettings& settings = landmarker_.settings();
    const std::size_t numbers = landmarker_.points() * landmarker_.sides();
    const bool is_morphable = settings.codec == PointCodec::morphable;
    found_.resize(faces.size() * numbers);
    there_.resize(faces.size());
    angles_.resize(is_morphable ? faces.size() * 3 : 0);
    for (const Attribute& each : attributes_) faces.add<float>(each.column);
    for (std::size_t begin = 0; begin < faces.size(); begin += Landmarker::batch) {
      const std::size_t count = std::min(Landmarker::batch, faces.size() - begin);
      landmarker_.prepare(image, faces, begin, count, network_.input(0, count), transforms_);
      network_.run();
      LandmarkOutputs outputs{network_.planes_of(points_), {}, {}};
      if (settings.depth) outputs.depth = network_.planes_of(depth_);
      if (settings.presence) outputs.presence = network_.planes_of(presence_);
      landmarker_.finish(outputs, transforms_, found_.data() + begin * numbers,
                         there_.data() + begin,
                         is_morphable ? angles_.data() + 3 * begin : nullptr);
      for (const Attribute& each : attributes_) fill(each, begin, count, faces);
    }
    if (settings.presence || settings.codec == PointCodec::offsets) {
      std::copy(there_.begin(), there_.end(), faces.add<float>(kPresence));
    }
    if (is_morphable) {
      std::copy(angles_.begin(), angles_.end(), faces.add<float>(columns::poses));
    }
    if (landmarker_.points() > 0) add_points(image.size, faces);
  }

 private:
  struct Attribute {
    Column column;
    std::size_t count;
    std::size_t output;
  };

  void fill(const Attribute& attribute, std::size_t begin, std::size_t count, Faces& faces) const {
    const OutputView given = network_.rows_of(attribute.output, count);
    if (given.columns != attribute.count) {
      throw StatusError(StatusCode::wrong_model,
                        landmarker_.settings().name + ": gave " + std::to_string(given.columns) +
                            " numbers of " + attribute.column.one + " for a face; " +
                            std::to_string(attribute.count) + " are wanted by its card");
    }
    std::copy_n(given.data, count * given.columns,
                faces.get(attribute.column) + begin * given.columns);
  }

  void add_points(Size image, Faces& faces) {
    const std::size_t count = faces.size(), points = landmarker_.points();
    const std::size_t sides = landmarker_.sides();
    std::copy(found_.begin(), found_.end(), faces.add<float>(columns::points, sides_));
    faces.scheme = landmarker_.settings().scheme;
    flat_.resize(2 * count * points);
    for (std::size_t i = 0; i < count * points; ++i) {
      std::copy_n(found_.data() + i * sides, 2, flat_.data() + 2 * i);
    }
    five_.resize(kLandmarks * count);
    convert_points(to_five_, points, count, 2, flat_.data(),
                   reinterpret_cast<float*>(five_.data()));
    const float* before = faces.get(columns::landmarks);
    point_certainty(before == nullptr ? five_.data() : reinterpret_cast<const Point*>(before),
                    count, image, there_.data(), faces.add<float>(kCertainty));
    if (!replaces_) return;
    const bool had = faces.has(columns::landmarks);
    auto* landmarks = reinterpret_cast<Point*>(had ? faces.get(columns::landmarks)
                                                   : faces.add<float>(columns::landmarks));
    for (std::size_t i = 0; i < count; ++i) {
      if (had && there_[i] < kTrusted) continue;
      std::copy_n(five_.data() + kLandmarks * i, kLandmarks, landmarks + kLandmarks * i);
    }
  }

  const Column kPresence = attribute("presence"), kCertainty = attribute("certainty");

  Landmarker landmarker_;
  CropNetwork network_;
  bool replaces_;
  std::vector<int> sides_;  ///< of the points of a face
  std::vector<PointGroup> to_five_;
  std::size_t points_ = 0, depth_ = 0, presence_ = 0;  ///< outputs
  std::vector<Attribute> attributes_;
  std::vector<Affine> transforms_;
  std::vector<float> found_, flat_, there_, angles_;
  std::vector<Point> five_;
};

}  // namespace

Status make_landmarker(const Card& card, std::unique_ptr<Network> network, bool landmarks,
                       std::unique_ptr<Stage>& stage) {
  return guarded([&] {
    check_network(card, "landmarks", network.get());
    stage = std::make_unique<LandmarkStage>(card, std::move(network), landmarks);
  });
}

}  // namespace rostro
