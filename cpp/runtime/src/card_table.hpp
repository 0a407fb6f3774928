#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "rostro/status.hpp"
#include "toml.hpp"

namespace rostro {

/// A table of a card, of which every key must be asked for. Throws StatusError that names the key.
class CardTable {
 public:
  /// `at`: what its keys begin with, "detect.".
  CardTable(const toml::table& table, std::string file, std::string at = "");

  bool has(const std::string& key) const { return table_.contains(key); }
  bool is_list(const std::string& key) const { return table_[key].is_array(); }

  std::string text(const std::string& key, std::optional<std::string> otherwise = {});
  /// One of these words.
  std::string word(const std::string& key, const std::vector<std::string>& words,
                   std::optional<std::string> otherwise = {});
  bool flag(const std::string& key, bool otherwise);
  std::int64_t integer(const std::string& key, std::int64_t least, std::int64_t most,
                       std::optional<std::int64_t> otherwise = {});
  double number(const std::string& key, double least, double most,
                std::optional<double> otherwise = {});
  std::vector<double> numbers(const std::string& key, std::size_t count, double least, double most);
  /// Any number of them.
  std::vector<double> all_numbers(const std::string& key, double least, double most);
  /// A list of so many pairs, one after the other.
  std::vector<double> pairs(const std::string& key, std::size_t count, double least, double most);
  /// One number for all three, or three.
  std::array<float, 3> three(const std::string& key, double least, double most);
  std::vector<std::string> texts(const std::string& key, bool wanted);
  CardTable table(const std::string& key);
  std::vector<CardTable> tables(const std::string& key, bool wanted);

  /// A key that is not read here, but may be there.
  void pass(const std::string& key) { asked_.insert(key); }

  /// Refuses keys that nobody asked for.
  void done() const;

  StatusError wrong(const std::string& key, const std::string& what) const;

  const toml::table& raw() const { return table_; }

 private:
  /// Whether there is no such key, which counts as asked for.
  bool is_absent(const std::string& key);
  const toml::node& find(const std::string& key);
  std::vector<double> list(const std::string& key, const toml::node& node, std::size_t count,
                           double least, double most) const;
  double checked(const std::string& key, const toml::node& node, double least, double most) const;

  const toml::table& table_;
  std::string file_, at_;
  std::set<std::string> asked_;
};

}  // namespace rostro
