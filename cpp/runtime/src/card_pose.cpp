#include "card_tasks.hpp"

namespace rostro {

void read_pose(CardTable table, const CropRule& crop, Card& card) {
  HeadPoseSettings settings;
  settings.name = card.name;
  settings.crop = crop;
  const std::string kind = table.word("kind", {"euler", "bins", "6d", "matrix"});
  settings.codec = kind == "bins"     ? PoseCodec::bins
                   : kind == "6d"     ? PoseCodec::six
                   : kind == "matrix" ? PoseCodec::matrix
                                      : PoseCodec::angles;
  settings.outputs = read_angles(table, "outputs", settings.outputs);
  settings.angles = {read_angles(table, "product", k300wLpAngles.order),
                     read_signs(table, "signs", k300wLpAngles.signs)};
  settings.softmax = table.flag("softmax", true);
  settings.composed = table.has("factors");
  settings.factors = read_angles(table, "factors", settings.factors);
  card.networks = read_all_beside(table, "networks", card);
  table.done();
  card.head_pose = settings;
}

}  // namespace rostro
