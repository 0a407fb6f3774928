#include <algorithm>
#include <filesystem>

#include "card_tasks.hpp"

namespace rostro {

namespace {

std::string path_beside(const CardTable& table, const std::string& key, const std::string& name,
                        const Card& card) {
  if (name.empty() || name.find('/') != std::string::npos) {
    throw table.wrong(key, "got \"" + name + "\"; a file's name without folders is wanted");
  }
  return (std::filesystem::path(card.path).parent_path() / name).string();
}

}  // namespace

Size read_size(CardTable& table, const std::string& key) {
  Size size;
  const std::vector<double> sides = table.numbers(key, 2, 1, kLargestSide);
  size.width = static_cast<int>(sides[0]);
  size.height = static_cast<int>(sides[1]);
  return size;
}

std::string read_output(CardTable& table, const std::string& key, const Card& card,
                        const std::string& otherwise) {
  if (table.has(key)) return table.word(key, card.outputs);
  table.pass(key);
  return otherwise;
}

std::array<int, 3> read_angles(CardTable& table, const std::string& key,
                               const std::array<int, 3>& otherwise) {
  const std::vector<std::string> words = table.texts(key, false);
  if (words.empty()) return otherwise;
  std::array<int, 3> angles = {};
  constexpr std::string_view kWords[] = {"yaw", "pitch", "roll"};
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto* const found = std::find(std::begin(kWords), std::end(kWords), words[i]);
    if (words.size() != 3 || found == std::end(kWords)) {
      throw table.wrong(key, "three of yaw, pitch and roll are wanted");
    }
    angles[i] = static_cast<int>(found - std::begin(kWords));
  }
  return angles;
}

std::array<int, 3> read_signs(CardTable& table, const std::string& key,
                              const std::array<int, 3>& otherwise) {
  if (!table.has(key)) {
    table.pass(key);
    return otherwise;
  }
  const std::vector<double> signs = table.numbers(key, 3, -1, 1);
  return {static_cast<int>(signs[0]), static_cast<int>(signs[1]), static_cast<int>(signs[2])};
}

std::string read_beside(CardTable& table, const std::string& key, const Card& card) {
  if (table.has(key)) return path_beside(table, key, table.text(key), card);
  table.pass(key);
  return "";
}

std::vector<std::string> read_all_beside(CardTable& table, const std::string& key,
                                         const Card& card) {
  std::vector<std::string> paths = table.texts(key, false);
  for (std::string& path : paths) path = path_beside(table, key, path, card);
  return paths;
}

QualityRange read_range(CardTable& table, const std::string& key) {
  const std::vector<double> range = table.numbers(key, 2, -kAny, kAny);
  return {to_float(range[0]), to_float(range[1])};
}

CropRule read_crop(CardTable table, const CardInput& input) {
  CropRule rule;
  rule.size = input.size;
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
  rule.input = input.format;
  rule.aligned_to = table.text("template", "");
  table.done();
  return rule;
}

}  // namespace rostro
