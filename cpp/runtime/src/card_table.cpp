#include "card_table.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <utility>

namespace rostro {

namespace {

std::string shown(double number) {
  std::ostringstream out;
  out << number;
  return out.str();
}

}  // namespace

CardTable::CardTable(const toml::table& table, std::string file, std::string at)
    : table_(table), file_(std::move(file)), at_(std::move(at)) {}

StatusError CardTable::wrong(const std::string& key, const std::string& what) const {
  return StatusError(StatusCode::wrong_model, file_ + ": key " + at_ + key + ": " + what);
}

bool CardTable::is_absent(const std::string& key) {
  asked_.insert(key);
  return !has(key);
}

const toml::node& CardTable::find(const std::string& key) {
  if (is_absent(key)) throw wrong(key, "missing");
  return *table_.get(key);
}

std::string CardTable::text(const std::string& key, std::optional<std::string> otherwise) {
  if (otherwise && is_absent(key)) return *otherwise;
  const auto value = find(key).value_exact<std::string>();
  if (!value) throw wrong(key, "a text is wanted");
  return *value;
}

std::string CardTable::word(const std::string& key, const std::vector<std::string>& words,
                            std::optional<std::string> otherwise) {
  const std::string value = text(key, std::move(otherwise));
  if (std::find(words.begin(), words.end(), value) != words.end()) return value;
  std::string known;
  for (const std::string& each : words) known += (known.empty() ? "" : ", ") + each;
  throw wrong(key, "got \"" + value + "\"; one of " + known + " is wanted");
}

bool CardTable::flag(const std::string& key, bool otherwise) {
  if (is_absent(key)) return otherwise;
  const auto value = find(key).value_exact<bool>();
  if (!value) throw wrong(key, "true or false is wanted");
  return *value;
}

std::int64_t CardTable::integer(const std::string& key, std::int64_t least, std::int64_t most,
                                std::optional<std::int64_t> otherwise) {
  if (otherwise && is_absent(key)) return *otherwise;
  const auto value = find(key).value_exact<std::int64_t>();
  if (!value || *value < least || *value > most) {
    throw wrong(key, "an integer from " + std::to_string(least) + " to " + std::to_string(most) +
                         " is wanted");
  }
  return *value;
}

double CardTable::checked(const std::string& key, const toml::node& node, double least,
                          double most) const {
  const auto value = node.is_number() ? node.value<double>() : std::nullopt;
  if (!value || !(*value >= least && *value <= most) || !std::isfinite(*value)) {
    throw wrong(key, "a number from " + shown(least) + " to " + shown(most) + " is wanted");
  }
  return *value;
}

double CardTable::number(const std::string& key, double least, double most,
                         std::optional<double> otherwise) {
  if (otherwise && is_absent(key)) return *otherwise;
  return checked(key, find(key), least, most);
}

std::vector<double> CardTable::list(const std::string& key, const toml::node& node,
                                    std::size_t count, double least, double most) const {
  const toml::array* array = node.as_array();
  if (array == nullptr || array->size() != count) {
    throw wrong(key, std::to_string(count) + " numbers are wanted");
  }
  std::vector<double> values;
  for (const toml::node& each : *array) values.push_back(checked(key, each, least, most));
  return values;
}

std::vector<double> CardTable::numbers(const std::string& key, std::size_t count, double least,
                                       double most) {
  return list(key, find(key), count, least, most);
}

std::vector<double> CardTable::all_numbers(const std::string& key, double least, double most) {
  const toml::array* array = find(key).as_array();
  if (array == nullptr) throw wrong(key, "numbers are wanted");
  return list(key, *array, array->size(), least, most);
}

std::vector<double> CardTable::pairs(const std::string& key, std::size_t count, double least,
                                     double most) {
  const toml::array* array = find(key).as_array();
  if (array == nullptr || array->size() != count) {
    throw wrong(key, std::to_string(count) + " pairs of numbers are wanted");
  }
  std::vector<double> values;
  for (const toml::node& node : *array) {
    for (const double value : list(key, node, 2, least, most)) values.push_back(value);
  }
  return values;
}

std::array<float, 3> CardTable::three(const std::string& key, double least, double most) {
  std::vector<double> values;
  if (find(key).is_number()) {
    values.assign(3, number(key, least, most));
  } else {
    values = numbers(key, 3, least, most);
  }
  return {static_cast<float>(values[0]), static_cast<float>(values[1]),
          static_cast<float>(values[2])};
}

std::vector<std::string> CardTable::texts(const std::string& key, bool wanted) {
  std::vector<std::string> values;
  if (!wanted && is_absent(key)) return values;
  const toml::array* array = find(key).as_array();
  if (array == nullptr) throw wrong(key, "a list of texts is wanted");
  for (const toml::node& each : *array) {
    const auto value = each.value_exact<std::string>();
    if (!value) throw wrong(key, "a list of texts is wanted");
    values.push_back(*value);
  }
  return values;
}

CardTable CardTable::table(const std::string& key) {
  const toml::table* inner = find(key).as_table();
  if (inner == nullptr) throw wrong(key, "a table is wanted");
  return CardTable(*inner, file_, at_ + key + ".");
}

std::vector<CardTable> CardTable::tables(const std::string& key, bool wanted) {
  std::vector<CardTable> result;
  if (!wanted && is_absent(key)) return result;
  const toml::array* array = find(key).as_array();
  if (array == nullptr) throw wrong(key, "tables are wanted");
  for (const toml::node& each : *array) {
    if (!each.is_table()) throw wrong(key, "tables are wanted");
    result.emplace_back(*each.as_table(), file_, at_ + key + ".");
  }
  return result;
}

void CardTable::done() const {
  for (const auto& [key, node] : table_) {
    const std::string name(key.str());
    if (asked_.count(name) == 0) throw wrong(name, "unknown");
  }
}

}  // namespace rostro
