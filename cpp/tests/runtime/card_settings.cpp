// Prints the settings that a card gives to the core's tasks as JSON, in the words of the Python
// bindings: tests/runtime/test_card_settings.py compares them with Python's.

#include <cstdio>
#include <nlohmann/json.hpp>

#include "rostro/runtime/card.hpp"

using namespace rostro;
using Json = nlohmann::ordered_json;

namespace {

const char* name_of(ChannelOrder order) { return order == ChannelOrder::rgb ? "rgb" : "bgr"; }
Json pair_of(Size size) { return Json::array({size.width, size.height}); }

void add_format(Json& to, const TensorFormat& format) {
  to["channels"] = name_of(format.channels);
  to["mean"] = format.mean;
  to["std"] = format.std;
}

Json json_of(const DetectorSettings& settings) {
  Json to;
  to["name"] = settings.name;
  to["head"] = settings.head;
  to["network_outputs"] = settings.network_outputs;
  to["outputs"] = settings.outputs;
  add_format(to, settings.input);
  to["pad"] = settings.pad;
  to["score_threshold"] = settings.score_threshold;
  to["nms_threshold"] = settings.nms_threshold;
  to["top_k"] = settings.top_k;
  to["weighted"] = settings.nms == NmsMethod::weighted;
  to["pose_mean"] = settings.poses.mean;
  to["pose_std"] = settings.poses.std;
  to["step"] = settings.sizes.step;
  to["only"] = pair_of(settings.sizes.only);
  to["sizes"] = Json::array();
  to["scale"] = settings.sizes.scale;
  to["longest"] = settings.sizes.longest;
  return to;
}

Json json_of(const EmbedderSettings& settings) {
  constexpr const char* kTokens[] = {"", "class", "mean", "patches"};
  Json to;
  to["name"] = settings.name;
  to["dim"] = settings.dim;
  to["size"] = pair_of(settings.size);
  to["crop_template"] = settings.crop_template;
  to["own_template"] = nullptr;
  if (settings.own_template) {
    to["own_template"] = Json::array();
    for (const Point& point : settings.own_template->points) {
      to["own_template"].push_back({point.x, point.y});
    }
  }
  to["flip"] = settings.flip;
  to["landmarks"] = settings.landmarks;
  add_format(to, settings.input);
  to["token"] = kTokens[static_cast<std::size_t>(settings.token)];
  return to;
}

Json json_of(const CropRule& rule) {
  constexpr const char* kAround[] = {"box", "landmarks", "points", "left_eye", "right_eye"};
  constexpr const char* kShapes[] = {"longer", "width", "mean", "enclose", "stretch"};
  Json to;
  to["size"] = pair_of(rule.size);
  to["around"] = kAround[static_cast<std::size_t>(rule.around)];
  to["shape"] = kShapes[static_cast<std::size_t>(rule.shape)];
  to["scale"] = rule.scale;
  to["upright"] = rule.upright;
  to["shift"] = {rule.shift_x, rule.shift_y};
  to["inside"] = rule.inside;
  add_format(to, rule.input);
  to["aligned_to"] = rule.aligned_to;
  return to;
}

Json json_of(const HeadPoseSettings& settings) {
  constexpr const char* kKinds[] = {"euler", "bins", "6d", "matrix"};
  Json to;
  to["name"] = settings.name;
  to["crop"] = json_of(settings.crop);
  to["kind"] = kKinds[static_cast<std::size_t>(settings.codec)];
  to["outputs"] = settings.outputs;
  to["product"] = settings.angles.order;
  to["signs"] = settings.angles.signs;
  to["softmax"] = settings.softmax;
  to["factors"] = nullptr;
  if (settings.composed) to["factors"] = settings.factors;
  return to;
}

Json json_of(const LivenessSettings& settings) {
  constexpr const char* kActivations[] = {"softmax", "sigmoid", "none"};
  Json to;
  to["name"] = settings.name;
  to["crop"] = json_of(settings.crop);
  to["activation"] = kActivations[static_cast<std::size_t>(settings.codec)];
  to["classes"] = settings.classes;
  to["live"] = settings.live;
  return to;
}

Json json_of(const AttributeHead& head) {
  constexpr const char* kKinds[] = {"classes", "flags", "number", "vector", "mask"};
  Json to;
  to["name"] = head.name;
  to["kind"] = kKinds[static_cast<std::size_t>(head.kind)];
  to["output"] = head.output;
  to["first"] = nullptr;
  if (head.first) to["first"] = *head.first;
  to["count"] = head.count;
  // What a kind does not have, Python leaves out.
  const bool is_number = head.kind == AttributeKind::number;
  const bool is_vector = head.kind == AttributeKind::vector;
  if (!is_vector) to["logits"] = head.logits;
  if (is_number || is_vector) {
    to["scale"] = head.scale;
    to["offset"] = head.offset;
  }
  if (is_vector) {
    to["unit"] = head.unit;
    to["direction"] = head.direction;
    to["signs"] = head.signs;
  }
  if (head.kind == AttributeKind::mask) to["covers"] = head.covers;
  return to;
}

Json json_of(const AttributesInput& input) {
  if (const auto* crop = std::get_if<CropRule>(&input)) return json_of(*crop);
  const auto& pose = std::get<PoseInput>(input);
  return {{"outputs", pose.order},
          {"product", pose.angles.order},
          {"signs", pose.angles.signs},
          {"level", pose.level}};
}

Json json_of(const AttributesSettings& settings) {
  Json to;
  to["name"] = settings.name;
  to["crop"] = json_of(settings.crop);
  to["inputs"] = Json::array();
  for (const AttributesInput& input : settings.inputs) to["inputs"].push_back(json_of(input));
  to["each_eye"] = settings.each_eye;
  to["heads"] = Json::array();
  for (const AttributeHead& head : settings.heads) to["heads"].push_back(json_of(head));
  return to;
}

Json json_of(const QualityNetworkSettings& settings) {
  return {{"name", settings.name},
          {"crop", json_of(settings.crop)},
          {"crop_template", settings.crop_template},
          {"range", {settings.range.low, settings.range.high}}};
}

Json json_of(const LandmarkerSettings& settings) {
  constexpr const char* kCodecs[] = {"coordinates", "quarter", "dark",       "soft",
                                     "offsets",     "3dmm",    "descriptors"};
  Json to;
  to["name"] = settings.name;
  to["scheme"] = settings.scheme;
  to["crop"] = json_of(settings.crop);
  to["codec"] = kCodecs[static_cast<std::size_t>(settings.codec)];
  to["depth"] = settings.depth;
  to["depth_scale"] = settings.depth_scale;
  to["presence"] = settings.presence;
  if (settings.codec == PointCodec::coordinates) {
    to["range"] = {settings.low, settings.high};
    to["dims"] = settings.sides;
  } else if (settings.codec == PointCodec::offsets) {
    to["factor"] = settings.offset_factor;
  } else if (settings.codec == PointCodec::morphable) {
    to["mean"] = settings.morphable.mean;
    to["std"] = settings.morphable.std;
    if (settings.morphable.points() > 0) {
      to["base"] = settings.morphable.base;
      to["basis"] = settings.morphable.basis;
    }
  } else if (settings.codec == PointCodec::descriptors) {
    to["beta"] = settings.beta;
    if (!settings.descriptors.empty()) to["descriptors"] = settings.descriptors;
  } else {
    to["blur"] = settings.blur;
    to["beta"] = settings.beta;
  }
  return to;
}

}  // namespace

int main(int count, char** arguments) {
  Card card;
  const Status status =
      count == 2 ? read_card(arguments[1], card) : Status{StatusCode::internal, "one card"};
  if (!status.ok()) {
    std::fprintf(stderr, "%s\n", status.message.c_str());
    return 1;
  }
  Json settings;
  if (card.detector) settings = json_of(*card.detector);
  if (card.embedder) settings = json_of(*card.embedder);
  if (card.landmarker) settings = json_of(*card.landmarker);
  if (card.head_pose) settings = json_of(*card.head_pose);
  if (card.liveness) settings = json_of(*card.liveness);
  if (card.attributes) settings = json_of(*card.attributes);
  Json all = {{"thresholds", card.thresholds}, {"inputs", card.inputs}};
  if (card.quality) {
    const QualitySettings& quality = *card.quality;
    constexpr const char* kKinds[] = {"scalar", "landmarks", "norm", "recognizability", "symmetry"};
    all["quality"] = {{"kind", kKinds[static_cast<std::size_t>(quality.kind)]},
                      {"range", {quality.range.low, quality.range.high}}};
    if (quality.kind == QualityKind::scalar) settings = json_of(quality.network);
    if (quality.kind == QualityKind::landmarks) {
      all["quality"]["scheme"] = quality.scheme;
      all["quality"]["frame"] = quality.frame == PointFrame::box ? "box" : "eyes";
      all["quality"]["unit"] = quality.unit;
    }
  }
  all["settings"] = settings;
  std::printf("%s\n", all.dump().c_str());
  return 0;
}
