#include <algorithm>
#include <utility>

#include "crop_network.hpp"
#include "guarded.hpp"
#include "network_check.hpp"
#include "rostro/attributes.hpp"
#include "rostro/runtime/stages.hpp"

namespace rostro {

namespace {

/// Of each of the network's inputs the sides behind the number of crops.
std::vector<std::vector<std::int64_t>> input_sides(const AttributesSettings& settings) {
  std::vector<std::vector<std::int64_t>> sides = {crop_sides(settings.crop.size)};
  for (const AttributesInput& input : settings.inputs) {
    const auto* crop = std::get_if<CropRule>(&input);
    sides.push_back(crop == nullptr ? std::vector<std::int64_t>{3} : crop_sides(crop->size));
  }
  return sides;
}

/// Puts the entries of a run's table into that of all faces, from `begin` on.
void copy_entries(const Faces& part, std::size_t begin, Faces& faces) {
  part.each([&](const Faces::Entry& entry) {
    std::visit(
        [&](const auto& numbers) {
          using Number = typename std::decay_t<decltype(numbers)>::value_type;
          Number* all = begin == 0 ? faces.add<Number>(entry.column, entry.sides)
                                   : faces.get<Number>(entry.column);
          std::copy(numbers.begin(), numbers.end(), all + begin * entry.width());
        },
        entry.numbers);
  });
}

class AttributesStage : public Stage {
 public:
  AttributesStage(const Card& card, std::unique_ptr<Network> network)
      // check_network has seen its task. NOLINTNEXTLINE(bugprone-unchecked-optional-access)
      : attributes_(*card.attributes),
        network_(std::move(network), input_sides(attributes_.settings())) {
    for (const std::string& name : card.outputs) {
      outputs_.push_back(output_index(network_.network(), name));
    }
  }

  void run(const ImageView& image, Faces& faces) override {
    // Also without faces, for the columns.
    for (std::size_t begin = 0; begin == 0 || begin < faces.size(); begin += Attributes::batch) {
      const std::size_t count = std::min(Attributes::batch, faces.size() - begin);
      given_.clear();
      transforms_.clear();
      if (count > 0) run_network(image, faces, begin, count);
      attributes_.finish(given_, transforms_, faces, begin, part_);
      copy_entries(part_, begin, faces);
    }
  }

 private:
  void run_network(const ImageView& image, const Faces& faces, std::size_t begin,
                   std::size_t count) {
    const std::size_t rows = attributes_.rows(count);
    float* crops = network_.input(0, rows);
    others_.clear();
    for (std::size_t i = 0; i < attributes_.settings().inputs.size(); ++i) {
      others_.push_back(network_.input(1 + i, rows));
    }
    attributes_.prepare(image, faces, begin, count, crops, others_, transforms_);
    network_.run();
    for (const std::size_t output : outputs_) given_.push_back(network_.planes_of(output));
  }

  Attributes attributes_;
  CropNetwork network_;
  std::vector<std::size_t> outputs_;  ///< in the card's order
  std::vector<float*> others_;
  std::vector<OutputView> given_;
  std::vector<Affine> transforms_;
  Faces part_;  ///< those of a run
};

}  // namespace

Status make_attributes(const Card& card, std::unique_ptr<Network> network,
                       std::unique_ptr<Stage>& stage) {
  return guarded([&] {
    check_network(card, "attributes", network.get());
    stage = std::make_unique<AttributesStage>(card, std::move(network));
  });
}

}  // namespace rostro
