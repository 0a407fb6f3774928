#include <algorithm>

#include "card_tasks.hpp"

namespace rostro {

namespace {

/// A head has the keys of its kind alone.
AttributeHead read_head(CardTable table, const Card& card) {
  AttributeHead head;
  head.name = table.text("name");
  const std::string output = read_output(table, "output", card, card.outputs.front());
  head.output = static_cast<std::size_t>(
      std::find(card.outputs.begin(), card.outputs.end(), output) - card.outputs.begin());
  if (table.has("first")) {
    head.first = static_cast<std::size_t>(table.integer("first", 0, 65535));
  }
  const std::string kind = table.word("kind", {"classes", "flags", "number", "vector", "mask"});
  const bool is_number = kind == "number", is_vector = kind == "vector";
  std::vector<std::string> names;
  if (is_number) {
    head.kind = AttributeKind::number;
    if (table.has("bins")) head.count = static_cast<std::size_t>(table.integer("bins", 2, 65536));
  } else {
    names = table.texts("names", true);
    head.count = names.size();
    head.kind = is_vector           ? AttributeKind::vector
                : kind == "classes" ? AttributeKind::classes
                : kind == "flags"   ? AttributeKind::flags
                                    : AttributeKind::mask;
  }
  if (!is_vector) head.logits = table.flag("logits", true);
  if (is_number || is_vector) {
    head.scale = to_float(table.number("scale", -kAny, kAny, 1.0));
    head.offset = to_float(table.number("offset", -kAny, kAny, 0.0));
  }
  if (is_vector) {
    head.unit = table.flag("unit", false);
    head.direction = table.flag("direction", false);
    head.signs = read_signs(table, "signs", {1, 1, 1});
  }
  if (kind == "mask") {
    for (const std::string& name : table.texts("covers", false)) {
      const auto found = std::find(names.begin(), names.end(), name);
      if (found == names.end()) {
        throw table.wrong("covers", "got \"" + name + "\"; one of its names is wanted");
      }
      head.covers.push_back(static_cast<std::size_t>(found - names.begin()));
    }
  }
  table.done();
  return head;
}

AttributesInput read_further(CardTable table, CardInput input, Card& card) {
  card.inputs.push_back(table.text("name"));
  if (table.word("kind", {"crop", "pose"}) == "crop") {
    if (table.has("size")) input.size = read_size(table, "size");
    CropRule crop = read_crop(table.table("crop"), input);
    table.done();
    return crop;
  }
  PoseInput pose;
  pose.order = read_angles(table, "outputs", {0, 1, 2});
  pose.angles = {read_angles(table, "product", {0, 1, 2}), read_signs(table, "signs", {1, 1, 1})};
  pose.level = table.flag("level", false);
  table.done();
  return pose;
}

}  // namespace

void read_attributes(CardTable table, const CropRule& crop, const CardInput& input, Card& card) {
  AttributesSettings settings;
  settings.name = card.name;
  settings.crop = crop;
  for (const CardTable& each : table.tables("input", false)) {
    settings.inputs.push_back(read_further(each, input, card));
  }
  settings.each_eye = table.flag("each_eye", false);
  for (const CardTable& head : table.tables("head", true)) {
    settings.heads.push_back(read_head(head, card));
  }
  table.done();
  card.attributes = settings;
}

}  // namespace rostro
