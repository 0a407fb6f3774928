#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "database.hpp"
#include "seal.hpp"
#include "snapshot.hpp"

namespace rostro::galleries {

/// Reads the blocks of templates: all at first, later those that others wrote. What it counts as
/// read is wrong once it threw StatusError.
class TemplateReader {
 public:
  TemplateReader(const Database& database, std::size_t dim);

  /// Brings the chunks of a snapshot up to date: those that changed are replaced.
  void read(Snapshot& snapshot, std::size_t next_person);

 private:
  struct BlockState {
    std::int64_t id;
    std::int64_t count;
    std::int64_t change;
  };

  std::vector<BlockState> changed() const;
  void check_all(const std::vector<BlockState>& states) const;
  std::size_t unpack(std::string_view block, std::size_t id, std::size_t next_person,
                     Chunk& chunk) const;

  const Database& database_;
  std::size_t dim_;
  std::size_t slot_;       // bytes
  std::size_t per_block_;  // slots
  SlotSeal seal_;
  std::int64_t change_ = 0;  // number of the last one that was read
  std::size_t blocks_ = 0;
};

}  // namespace rostro::galleries
