#include "card_tasks.hpp"

namespace rostro {

void read_embed(CardTable table, const CardInput& input, Card& card) {
  EmbedderSettings settings;
  settings.name = card.name;
  settings.dim = static_cast<std::size_t>(table.integer("dim", 1, 65536));
  settings.size = input.size;
  if (table.is_list("template")) {
    settings.crop_template.clear();
    CropTemplate& points = settings.own_template.emplace();
    const std::vector<double> shares = table.pairs("template", kLandmarks, -kAny, kAny);
    for (std::size_t i = 0; i < kLandmarks; ++i) {
      points.points[i] = {to_float(shares[2 * i]), to_float(shares[2 * i + 1])};
    }
  } else {
    settings.crop_template = table.text("template");
  }
  settings.flip = table.flag("flip", false);
  settings.landmarks = table.has("landmarks");
  if (settings.landmarks) card.inputs.push_back(table.text("landmarks"));
  settings.input = input.format;
  const std::string token = table.word("token", {"class", "mean", "patches", ""}, "");
  if (token == "class") settings.token = EmbeddingToken::first;
  if (token == "mean") settings.token = EmbeddingToken::mean;
  if (token == "patches") settings.token = EmbeddingToken::patches;
  if (!table.has("output") && card.outputs.size() != 1) {
    throw table.wrong(
        "output", "missing, of a network with " + std::to_string(card.outputs.size()) + " outputs");
  }
  card.embedding = table.word("output", card.outputs, card.outputs.front());
  table.done();
  card.embedder = settings;
}

}  // namespace rostro
