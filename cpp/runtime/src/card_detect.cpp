#include <algorithm>

#include "card_tasks.hpp"

namespace rostro {

void read_detect(CardTable table, const CardInput& input, Card& card) {
  DetectorSettings settings;
  settings.name = card.name;
  settings.head = table.text("head");
  settings.network_outputs = card.outputs;
  settings.outputs = table.texts("outputs", false);
  settings.input = input.format;
  settings.pad = input.pad;
  settings.score_threshold = to_float(table.number("score_threshold", 0, 1));
  settings.nms_threshold = to_float(table.number("nms_threshold", 0, 1));
  settings.top_k = static_cast<std::size_t>(table.integer("top_k", 1, 2147483647));
  settings.nms = table.word("nms_method", {"hard", "weighted"}, "hard") == "weighted"
                     ? NmsMethod::weighted
                     : NmsMethod::hard;
  const auto six = [&](const char* key, double least, double most, std::array<float, 6>& to) {
    if (!table.has(key)) return;
    const std::vector<double> numbers = table.numbers(key, 6, least, most);
    std::transform(numbers.begin(), numbers.end(), to.begin(), to_float);
  };
  six("pose_mean", -kAny, kAny, settings.poses.mean);
  six("pose_std", kLeastStd, kMostStd, settings.poses.std);
  table.pass("smallest_face");  // of Python's det_size="auto"
  table.done();
  settings.sizes.only = input.size;
  settings.sizes.step = input.multiple;
  card.detector = settings;
}

}  // namespace rostro
