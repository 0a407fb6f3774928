#include <algorithm>

#include "card_tasks.hpp"

namespace rostro {

void read_liveness(CardTable table, const CropRule& crop, Card& card) {
  LivenessSettings settings;
  settings.name = card.name;
  settings.crop = crop;
  const std::string activation =
      table.word("activation", {"softmax", "sigmoid", "none"}, "softmax");
  settings.codec = activation == "sigmoid" ? LivenessCodec::sigmoid
                   : activation == "none"  ? LivenessCodec::probabilities
                                           : LivenessCodec::softmax;
  const std::vector<std::string> classes = table.texts("classes", true);
  settings.classes = classes.size();
  for (const std::string& name : table.texts("live", true)) {
    const auto found = std::find(classes.begin(), classes.end(), name);
    if (found == classes.end()) {
      throw table.wrong("live", "got \"" + name + "\"; one of the classes is wanted");
    }
    settings.live.push_back(static_cast<std::size_t>(found - classes.begin()));
  }
  card.live = read_output(table, "output", card, card.outputs.front());
  card.networks = read_all_beside(table, "networks", card);
  table.done();
  card.liveness = settings;
}

}  // namespace rostro
