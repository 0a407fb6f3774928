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

Json json_of(const LandmarkerSettings& settings) {
  constexpr const char* kCodecs[] = {"coordinates", "quarter", "dark", "soft", "offsets"};
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
  Json all = {{"settings", settings}, {"thresholds", card.thresholds}};
  if (card.norms) all["norms"] = {card.norms->low, card.norms->high};
  std::printf("%s\n", all.dump().c_str());
  return 0;
}
