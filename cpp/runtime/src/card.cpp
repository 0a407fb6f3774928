#include "rostro/runtime/card.hpp"

#include <algorithm>
#include <fstream>
#include <limits>
#include <sstream>

#include "card_table.hpp"
#include "guarded.hpp"

namespace rostro {

namespace {

constexpr std::size_t kLongest = std::size_t{1} << 18;  ///< bytes of a card
constexpr std::int64_t kLargestSide = 8192;
constexpr double kAny = std::numeric_limits<float>::max();
constexpr double kLeastStd = 1e-6, kMostStd = 1e6;

/// What of [input] every task takes.
struct Taken {
  TensorFormat format;
  Size size = {};  ///< 0x0: any
  int multiple = 1;
  std::uint8_t pad = 0;
};

float to_float(double number) { return static_cast<float>(number); }

Size size_of(CardTable& table, const std::string& key) {
  Size size;
  const std::vector<double> sides = table.numbers(key, 2, 1, static_cast<double>(kLargestSide));
  size.width = static_cast<int>(sides[0]);
  size.height = static_cast<int>(sides[1]);
  return size;
}

Taken read_input(CardTable input, Card& card) {
  Taken taken;
  card.input = input.text("name");
  taken.format.channels =
      input.word("channels", {"bgr", "rgb"}) == "rgb" ? ChannelOrder::rgb : ChannelOrder::bgr;
  taken.format.mean = input.three("mean", -kAny, kAny);
  taken.format.std = input.three("std", kLeastStd, kMostStd);
  if (input.has("size")) taken.size = size_of(input, "size");
  taken.multiple = static_cast<int>(input.integer("multiple", 1, 1024, 1));
  taken.pad = static_cast<std::uint8_t>(input.integer("pad", 0, 255, 0));
  input.done();
  return taken;
}

void read_files(CardTable& top, Card& card) {
  for (CardTable& table : top.tables("file", true)) {
    CardFile file;
    file.name = table.text("name");
    if (file.name.empty() || file.name.find('/') != std::string::npos) {
      throw table.wrong("name",
                        "got \"" + file.name + "\"; a file's name without folders is wanted");
    }
    file.sha256 = table.text("sha256", "");
    file.sha384 = table.text("sha384", "");
    file.size = table.integer("size", 0, std::numeric_limits<std::int64_t>::max(), -1);
    file.is_bundle = table.has("member");
    table.pass("source");
    table.pass("member");
    table.done();
    card.files.push_back(file);
  }
}

void read_detect(CardTable table, const Taken& taken, Card& card) {
  DetectorSettings settings;
  settings.name = card.name;
  settings.head = table.text("head");
  settings.network_outputs = card.outputs;
  settings.outputs = table.texts("outputs", false);
  settings.input = taken.format;
  settings.pad = taken.pad;
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
  settings.sizes.only = taken.size;
  settings.sizes.step = taken.multiple;
  card.detector = settings;
}

void read_embed(CardTable table, const Taken& taken, Card& card) {
  EmbedderSettings settings;
  settings.name = card.name;
  settings.dim = static_cast<std::size_t>(table.integer("dim", 1, 65536));
  settings.size = taken.size;
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
  card.landmarks_input = table.text("landmarks", "");
  settings.landmarks = !card.landmarks_input.empty();
  settings.input = taken.format;
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

CropRule read_crop(CardTable table, const Taken& taken) {
  CropRule rule;
  rule.size = taken.size;
  const std::string around =
      table.word("around", {"box", "landmarks", "points", "left_eye", "right_eye"}, "box");
  if (around == "landmarks") rule.around = CropAround::landmarks;
  if (around == "points") rule.around = CropAround::points;
  if (around == "left_eye") rule.around = CropAround::left_eye;
  if (around == "right_eye") rule.around = CropAround::right_eye;
  const std::string shape =
      table.word("shape", {"longer", "width", "mean", "enclose", "stretch"}, "longer");
  if (shape == "width") rule.shape = CropShape::width;
  if (shape == "mean") rule.shape = CropShape::mean;
  if (shape == "enclose") rule.shape = CropShape::enclose;
  if (shape == "stretch") rule.shape = CropShape::stretch;
  rule.scale = to_float(table.number("scale", 0.01, 100, 1.0));
  rule.upright = table.flag("upright", false);
  if (table.has("shift")) {
    const std::vector<double> shift = table.numbers("shift", 2, -10, 10);
    rule.shift_x = to_float(shift[0]);
    rule.shift_y = to_float(shift[1]);
  }
  rule.inside = table.flag("inside", false);
  rule.input = taken.format;
  rule.aligned_to = table.text("template", "");
  table.done();
  return rule;
}

void read_landmarks(CardTable table, const CropRule& crop, Card& card) {
  LandmarkerSettings settings;
  settings.name = card.name;
  settings.scheme = table.text("scheme");
  settings.crop = crop;
  const auto output = [&](const char* key, const std::string& otherwise) {
    if (!table.has(key)) {
      table.pass(key);
      return otherwise;
    }
    return table.word(key, card.outputs);
  };
  card.points = {output("output", card.outputs.front()), output("depth", ""),
                 output("presence", "")};
  settings.depth = !card.points.depth.empty();
  settings.presence = !card.points.presence.empty();
  settings.depth_scale = to_float(table.number("depth_scale", -kAny, kAny, 1.0));
  const std::string kind = table.word("kind", {"coordinates", "heatmap", "offsets"});
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
  } else {
    settings.codec = PointCodec::offsets;
    settings.offset_factor = to_float(table.number("factor", 1e-6, 1e6, 16.0));
  }
  table.pass("attribute");
  table.done();
  card.landmarker = settings;
}

void read_beside_embed(CardTable& top, Card& card) {
  if (!top.has("quality")) return;
  CardTable quality = top.table("quality");
  if (quality.text("kind") != "norm") return;  // Python has others
  const std::vector<double> range = quality.numbers("range", 2, -kAny, kAny);
  card.norms = QualityRange{to_float(range[0]), to_float(range[1])};
}

toml::table parsed(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw StatusError(StatusCode::not_found, path + ": no such file");
  std::string text(kLongest + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kLongest) {
    throw StatusError(
        StatusCode::wrong_model,
        path + ": got more than " + std::to_string(kLongest) + " bytes; a card is wanted");
  }
  try {
    return toml::parse(text, path);
  } catch (const toml::parse_error& error) {
    throw StatusError(StatusCode::wrong_model,
                      path + ": line " + std::to_string(error.source().begin.line) +
                          ": not valid TOML: " + std::string(error.description()));
  }
}

Card read(const std::string& path, const std::string& task) {
  const toml::table text = parsed(path);
  CardTable top(text, path);
  Card card;
  card.path = path;
  card.name = top.text("name");
  card.task = top.text("task");
  if (!task.empty() && card.task != task) {
    throw StatusError(StatusCode::wrong_model, path + ": got a model for \"" + card.task +
                                                   "\"; one for \"" + task + "\" is wanted");
  }
  if (card.task != "detect" && card.task != "embed" && card.task != "landmarks") {
    throw top.wrong("task", "got \"" + card.task +
                                "\"; detect, embed or landmarks is wanted, others are Python's");
  }
  read_files(top, card);
  CardTable outputs = top.table("outputs");
  card.outputs = outputs.texts("names", true);
  if (card.outputs.empty()) throw outputs.wrong("names", "one at least is wanted");
  const Taken taken = read_input(top.table("input"), card);
  if (card.task != "detect" && taken.size.width == 0) throw top.wrong("input.size", "missing");
  if (card.task == "detect") read_detect(top.table("detect"), taken, card);
  if (card.task == "embed") {
    read_embed(top.table("embed"), taken, card);
    read_beside_embed(top, card);
  }
  if (card.task == "landmarks") {
    read_landmarks(top.table("landmarks"), read_crop(top.table("crop"), taken), card);
  }
  if (top.has("thresholds")) {
    CardTable thresholds = top.table("thresholds");
    for (const auto& [key, node] : thresholds.raw()) {
      const std::string name(key.str());
      card.thresholds[name] = thresholds.table(name).number("value", -kAny, kAny);
    }
  }
  for (const char* key : {"description", "homepage", "licence", "refined", "engines", "ncnn",
                          "recorded", "quantization"}) {
    top.pass(key);
  }
  top.done();
  return card;
}

}  // namespace

Status read_card(const std::string& path, Card& card, const std::string& task) {
  return guarded([&] { card = read(path, task); });
}

}  // namespace rostro
