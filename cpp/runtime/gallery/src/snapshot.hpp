#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "header.hpp"
#include "names.hpp"

namespace rostro::galleries {

/// Templates of some blocks of the file, a row a slot, in its order.
struct Chunk {
  std::vector<std::int8_t> codes;
  std::vector<float> scales;
  std::vector<std::uint32_t> people;
  std::vector<std::uint8_t> alive;  ///< which rows hold a template
};

/// What searches see: all of a gallery at one moment. It never changes.
struct Snapshot {
  Header header;
  Names names;
  std::vector<std::shared_ptr<const Chunk>> chunks;
  std::size_t count = 0;  ///< of templates
};

}  // namespace rostro::galleries
