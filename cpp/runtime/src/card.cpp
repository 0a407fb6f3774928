#include "rostro/runtime/card.hpp"

#include <algorithm>
#include <fstream>
#include <limits>
#include <sstream>
#include <string_view>

#include "card_tasks.hpp"
#include "guarded.hpp"

namespace rostro {

namespace {

constexpr std::size_t kLongest = std::size_t{1} << 18;  ///< bytes of a card

CardInput read_input(CardTable input, Card& card) {
  CardInput taken;
  card.inputs = {input.text("name")};
  taken.format.channels =
      input.word("channels", {"bgr", "rgb"}) == "rgb" ? ChannelOrder::rgb : ChannelOrder::bgr;
  taken.format.mean = input.three("mean", -kAny, kAny);
  taken.format.std = input.three("std", kLeastStd, kMostStd);
  if (input.has("size")) taken.size = read_size(input, "size");
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

void read_task(CardTable& top, const CardInput& input, Card& card) {
  if (card.task == "detect") return read_detect(top.table("detect"), input, card);
  // Of quality by points alone there is no picture.
  if (card.task != "quality" && input.size.width == 0) throw top.wrong("input.size", "missing");
  if (card.task == "quality") return read_quality(top, input, card);
  if (card.task == "embed") {
    read_embed(top.table("embed"), input, card);
    if (top.has("quality")) read_quality(top, input, card);
    return;
  }
  const CropRule crop = read_crop(top.table("crop"), input);
  const CardTable table = top.table(card.task);
  if (card.task == "landmarks") return read_landmarks(table, crop, card);
  if (card.task == "pose") return read_pose(table, crop, card);
  if (card.task == "liveness") return read_liveness(table, crop, card);
  read_attributes(table, crop, input, card);
}

/// Where the string ends that begins at `begin` with a quote or three of them.
std::size_t end_of_string(std::string_view text, std::size_t begin) {
  const char quote = text[begin];
  const std::string three(3, quote);
  const bool lines = text.substr(begin, 3) == three;
  for (std::size_t i = begin + (lines ? 3 : 1); i < text.size(); ++i) {
    if (text[i] == '\\' && quote == '"') {
      ++i;
    } else if (!lines && (text[i] == quote || text[i] == '\n')) {
      return i + 1;
    } else if (lines && text.substr(i, 3) == three) {
      i += 3;
      while (i < text.size() && text[i] == quote) ++i;  // quotes that the string ends with
      return i;
    }
  }
  return text.size();
}

/// Whether all outside of strings and comments is ASCII, as TOML wants it: toml++ 3.3 takes other
/// letters there for impossible, in a function that may not throw.
bool ascii_outside_strings(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    if (static_cast<unsigned char>(text[i]) > 0x7F) return false;
    if (text[i] == '#') {
      i = std::min(text.find('\n', i), text.size());
    } else if (text[i] == '"' || text[i] == '\'') {
      i = end_of_string(text, i);
    } else {
      ++i;
    }
  }
  return true;
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
  if (!ascii_outside_strings(text)) {
    throw StatusError(StatusCode::wrong_model,
                      path + ": not valid TOML: got letters beyond ASCII outside of strings");
  }
  try {
    return toml::parse(text, path);
  } catch (const toml::parse_error& error) {
    throw StatusError(StatusCode::wrong_model,
                      path + ": line " + std::to_string(error.source().begin.line) +
                          ": not valid TOML: " + std::string(error.description()));
  } catch (const ImpossibleToml& error) {
    throw StatusError(StatusCode::wrong_model, path + ": " + error.what());
  }
}

Card read(const std::string& path, const std::string& task) {
  const toml::table text = parsed(path);
  CardTable top(text, path);
  Card card;
  card.path = path;
  card.name = top.text("name");
  card.task = top.word(
      "task", {"attributes", "detect", "embed", "landmarks", "liveness", "pose", "quality"});
  if (!task.empty() && card.task != task) {
    throw StatusError(StatusCode::wrong_model, path + ": got a model for \"" + card.task +
                                                   "\"; one for \"" + task + "\" is wanted");
  }
  read_files(top, card);
  CardTable outputs = top.table("outputs");
  card.outputs = outputs.texts("names", true);
  if (card.outputs.empty()) throw outputs.wrong("names", "one at least is wanted");
  const CardInput taken = read_input(top.table("input"), card);
  read_task(top, taken, card);
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
