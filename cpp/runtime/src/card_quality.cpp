#include <cmath>

#include "card_tasks.hpp"
#include "npz.hpp"

namespace rostro {

namespace {

std::vector<float> read_center(CardTable& table, const Card& card, std::size_t dim) {
  const std::string file = read_beside(table, "center", card);
  if (file.empty()) throw table.wrong("center", "missing");
  std::vector<float> center = read_npz(file, "center");
  double squares = 0;
  for (const float number : center) {
    squares += static_cast<double>(number) * static_cast<double>(number);
  }
  const double norm = std::sqrt(squares);
  if (!(norm > 0.99 && norm < 1.01) || center.size() != dim) {
    throw table.wrong("center", "got " + std::to_string(center.size()) + " numbers of norm " +
                                    std::to_string(norm) + "; " + std::to_string(dim) +
                                    " of norm 1 are wanted");
  }
  return center;
}

}  // namespace

void read_quality(CardTable& top, const CardInput& input, Card& card) {
  CardTable table = top.table("quality");
  QualitySettings settings;
  const bool is_embedder = card.task == "embed";
  const std::string kind = is_embedder ? table.word("kind", {"norm", "recognizability", "symmetry"})
                                       : table.word("kind", {"scalar", "landmarks"});
  settings.kind = kind == "landmarks"         ? QualityKind::landmarks
                  : kind == "norm"            ? QualityKind::norm
                  : kind == "recognizability" ? QualityKind::recognizability
                  : kind == "symmetry"        ? QualityKind::symmetry
                                              : QualityKind::scalar;
  if (table.has("range") || settings.kind == QualityKind::norm) {
    settings.range = read_range(table, "range");
  }
  if (!is_embedder) settings.output = read_output(table, "output", card, card.outputs.front());
  if (settings.kind == QualityKind::recognizability) {
    settings.center = read_center(table, card, card.embedder ? card.embedder->dim : 0);
  }
  if (settings.kind == QualityKind::landmarks) {
    settings.scheme = table.text("scheme", "five");
    settings.frame =
        table.word("frame", {"eyes", "box"}, "eyes") == "box" ? PointFrame::box : PointFrame::eyes;
    settings.unit = table.flag("unit", true);
  }
  if (settings.kind == QualityKind::scalar) {
    const std::string to = table.text("template", "");
    CropRule crop;
    crop.size = input.size;
    crop.input = input.format;
    if (to.empty()) crop = read_crop(top.table("crop"), input);
    settings.network = {card.name, to, crop, settings.range};
  }
  table.done();
  card.quality = settings;
}

}  // namespace rostro
