#include <algorithm>

#include "card_tasks.hpp"
#include "npz.hpp"

namespace rostro {

namespace {

std::vector<float> read_floats(CardTable& table, const std::string& key) {
  const std::vector<double> numbers = table.all_numbers(key, -kAny, kAny);
  std::vector<float> floats(numbers.size());
  std::transform(numbers.begin(), numbers.end(), floats.begin(), to_float);
  return floats;
}

MorphableFace read_morphable(CardTable& table, const Card& card) {
  MorphableFace face;
  face.mean = read_floats(table, "mean");
  face.std = read_floats(table, "std");
  const std::string file = read_beside(table, "basis", card);
  if (!file.empty()) {
    face.base = read_npz(file, "base");
    face.basis = read_npz(file, "basis");
  }
  return face;
}

}  // namespace

void read_landmarks(CardTable table, const CropRule& crop, Card& card) {
  LandmarkerSettings settings;
  settings.name = card.name;
  settings.scheme = table.text("scheme");
  settings.crop = crop;
  card.points.points = read_output(table, "output", card, card.outputs.front());
  card.points.depth = read_output(table, "depth", card, "");
  card.points.presence = read_output(table, "presence", card, "");
  for (CardTable& each : table.tables("attribute", false)) {
    OutputAttribute attribute;
    attribute.name = each.text("name");
    attribute.output = read_output(each, "output", card, card.outputs.front());
    attribute.count = each.texts("names", true).size();
    each.done();
    card.points.attributes.push_back(attribute);
  }
  settings.depth = !card.points.depth.empty();
  settings.presence = !card.points.presence.empty();
  settings.depth_scale = to_float(table.number("depth_scale", -kAny, kAny, 1.0));
  const std::string kind =
      table.word("kind", {"coordinates", "heatmap", "offsets", "3dmm", "descriptors"});
  if (kind == "coordinates") {
    if (table.has("range")) {
      const std::vector<double> range = table.numbers("range", 2, -kAny, kAny);
      settings.low = to_float(range[0]);
      settings.high = to_float(range[1]);
    }
    settings.sides = static_cast<std::size_t>(table.integer("dims", 2, 3, 2));
  } else if (kind == "heatmap") {
    const std::string refine = table.word("refine", {"quarter", "dark", "soft"}, "quarter");
    settings.codec = refine == "dark"   ? PointCodec::dark
                     : refine == "soft" ? PointCodec::soft_argmax
                                        : PointCodec::quarter;
    settings.blur = static_cast<int>(table.integer("blur", 1, 99, 11));
    settings.beta = to_float(table.number("beta", 1e-6, 1e6, 1.0));
  } else if (kind == "offsets") {
    settings.codec = PointCodec::offsets;
    settings.offset_factor = to_float(table.number("factor", 1e-6, 1e6, 16.0));
  } else if (kind == "3dmm") {
    settings.codec = PointCodec::morphable;
    settings.morphable = read_morphable(table, card);
  } else {
    settings.codec = PointCodec::descriptors;
    settings.beta = to_float(table.number("beta", 1e-6, 1e6, 1.0));
    const std::string file = read_beside(table, "descriptors", card);
    if (!file.empty()) settings.descriptors = read_npz(file, "descriptors");
  }
  table.done();
  card.landmarker = settings;
}

}  // namespace rostro
