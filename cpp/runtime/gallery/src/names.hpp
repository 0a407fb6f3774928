#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace rostro::galleries {

/// Names of people by number. A copy shares all pages, and takes its own of those that it changes;
/// the one that was copied must not change any more.
class Names {
 public:
  Names() = default;
  Names(const Names& other);
  Names& operator=(const Names&) = delete;

  /// Empty for a number that nobody has.
  std::string_view of(std::uint32_t person) const;

  /// Gives a person a name, the first or another one; an empty one removes somebody.
  void put(std::uint32_t person, std::string_view name);

  /// Number of people.
  std::size_t count() const { return count_; }

  /// All names, in the order of their numbers.
  std::vector<std::string> all() const;

 private:
  using Page = std::array<std::string, 256>;

  std::vector<std::shared_ptr<Page>> pages_;
  std::vector<bool> own_;  // which pages nobody else sees
  std::size_t count_ = 0;
};

}  // namespace rostro::galleries
