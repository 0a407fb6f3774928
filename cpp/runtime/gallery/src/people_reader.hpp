#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "database.hpp"
#include "names.hpp"

namespace rostro::galleries {

/// Reads the records of people: all at first, later those that others wrote. What it counts as read
/// is wrong once it threw StatusError.
class PeopleReader {
 public:
  explicit PeopleReader(const Database& database) : database_(database) {}

  /// Puts new people, and those of records that were rewritten, into `names`.
  void read(Names& names);

  /// The lowest number above all that people ever had.
  std::size_t next_person() const { return records_.size(); }

 private:
  void take(std::int64_t id, std::string_view record, Names& names);

  const Database& database_;
  std::vector<std::int64_t> records_ = {0};  // by person, the last one that they were in
  std::int64_t rewriting_ = 0;               // number of the last rewriting of a record
  std::int64_t last_ = 0;                    // record
  std::size_t last_count_ = 0;               // how many of it were read
  std::int64_t most_records_ = 0;            // that a file of this length can hold
};

}  // namespace rostro::galleries
