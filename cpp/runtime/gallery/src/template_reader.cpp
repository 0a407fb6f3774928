#include "template_reader.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

namespace rostro::galleries {

namespace {

constexpr std::size_t kBlockBytes = 64 << 10;
/// So few that a change copies little, so many that a search of a million templates has few parts.
constexpr std::size_t kBlocksPerChunk = 64;

/// How far the norm of an embedding may be from 1.
constexpr double kNormTolerance = 1e-3;

std::size_t slot_bytes(std::size_t dim) { return kSlotSeal + 8 + (dim + 7) / 8 * 8; }

/// Whether codes times scale can be an embedding of unit norm, rounded to int8: others could win
/// every search.
bool is_template(const std::int8_t* codes, std::size_t dim, float scale) {
  if (!std::isfinite(scale) || scale <= 0) return false;
  std::int64_t squares = 0;
  int lowest = 0;
  for (std::size_t i = 0; i < dim; ++i) {
    squares += codes[i] * codes[i];
    lowest = std::min<int>(lowest, codes[i]);
  }
  if (lowest < -127) return false;
  const double step = static_cast<double>(scale);
  const double norm = std::sqrt(static_cast<double>(squares)) * step;
  // An embedding lies within half a step of its codes. Far fewer are so far from norm 1 that all
  // of their numbers have to be looked at for that.
  if (std::abs(norm - 1) <= kNormTolerance + step) return true;
  double least = 0, most = 0;
  for (std::size_t i = 0; i < dim; ++i) {
    const double size = std::abs(static_cast<double>(codes[i]));
    least += std::pow(std::max(size - 0.5, 0.0), 2);
    most += std::pow(size + 0.5, 2);
  }
  return std::sqrt(least) * step <= 1 + kNormTolerance &&
         std::sqrt(most) * step >= 1 - kNormTolerance;
}

}  // namespace

TemplateReader::TemplateReader(const Database& database, std::size_t dim)
    : database_(database),
      dim_(dim),
      slot_(slot_bytes(dim)),
      per_block_(std::max<std::size_t>(kBlockBytes / slot_, 1)),
      seal_(slot_) {}

void TemplateReader::read(Snapshot& snapshot, std::size_t next_person) {
  const std::vector<BlockState> states = changed();
  if (change_ == 0) check_all(states);
  Query slots(database_, "SELECT slots FROM block WHERE id = ?1");
  std::shared_ptr<Chunk> chunk;
  std::size_t number = 0;  // of the chunk
  for (const BlockState& state : states) {
    const std::string name = "block " + std::to_string(state.id);
    const auto id = static_cast<std::size_t>(state.id);
    if (state.id < 0 || id > blocks_) database_.found_damage("the entry of " + name);
    blocks_ = std::max(blocks_, id + 1);
    if (!chunk || number != id / kBlocksPerChunk) {
      number = id / kBlocksPerChunk;
      const bool is_new = number == snapshot.chunks.size();
      chunk =
          is_new ? std::make_shared<Chunk>() : std::make_shared<Chunk>(*snapshot.chunks[number]);
      if (is_new) snapshot.chunks.emplace_back();
      snapshot.chunks[number] = chunk;
    }
    slots.bind(1, state.id);
    if (!slots.next() || !slots.is_bytes(0) || slots.bytes(0).size() != per_block_ * slot_) {
      database_.found_damage(name);
    }
    const std::size_t whole = unpack(slots.bytes(0), id, next_person, *chunk);
    if (static_cast<std::int64_t>(whole) != state.count) {
      const std::int64_t lost = state.count - static_cast<std::int64_t>(whole);
      database_.found_damage(state.count == 0
                                 ? "the slots of " + name
                                 : std::to_string(lost) + " of " + std::to_string(state.count) +
                                       " templates of " + name);
    }
    change_ = std::max(change_, state.change);
    while (slots.next()) {  // there is one block of a number
    }
  }
  snapshot.count = 0;
  for (const auto& each : snapshot.chunks) {
    snapshot.count +=
        static_cast<std::size_t>(std::count(each->alive.begin(), each->alive.end(), 1));
  }
}

/// In the order of their numbers.
std::vector<TemplateReader::BlockState> TemplateReader::changed() const {
  Query query(database_, "SELECT id, count, change FROM block_state WHERE change > ?1 ORDER BY id");
  query.bind(1, change_);
  std::vector<BlockState> states;
  while (query.next()) {
    if (!query.is_integer(1) || !query.is_integer(2)) {
      database_.found_damage("the list of blocks");
    }
    states.push_back({query.integer(0), query.integer(1), query.integer(2)});
  }
  return states;
}

/// Throws unless blocks and their states are numbered from 0 without a gap.
void TemplateReader::check_all(const std::vector<BlockState>& states) const {
  Query blocks(database_, "SELECT id FROM block WHERE id >= 0 ORDER BY id");
  std::size_t next = 0;
  while (blocks.next()) {
    const bool is_sound = next < states.size() && states[next].id == blocks.integer(0) &&
                          blocks.integer(0) == static_cast<std::int64_t>(next);
    if (!is_sound) database_.found_damage("the entry of block " + std::to_string(next));
    ++next;
  }
  if (next < states.size()) {
    database_.found_damage("the entry of block " + std::to_string(states[next].id));
  }
}

/// Writes a block into its rows of a chunk; how many templates it has.
std::size_t TemplateReader::unpack(std::string_view block, std::size_t id, std::size_t next_person,
                                   Chunk& chunk) const {
  const std::size_t first = id % kBlocksPerChunk * per_block_;
  const std::size_t rows = std::max(chunk.alive.size(), first + per_block_);
  chunk.codes.resize(rows * dim_);
  chunk.scales.resize(rows);
  chunk.people.resize(rows);
  chunk.alive.resize(rows);
  std::size_t whole = 0;
  for (std::size_t i = 0; i < per_block_; ++i) {
    const char* slot = block.data() + i * slot_;
    const std::size_t row = first + i;
    const std::uint32_t person = number32(slot + kSlotSeal);
    const std::uint32_t scale_bits = number32(slot + kSlotSeal + 4);
    float scale = 0;
    std::memcpy(&scale, &scale_bits, sizeof scale);
    std::int8_t* codes = &chunk.codes[row * dim_];
    std::memcpy(codes, slot + kSlotSeal + 8, dim_);
    const bool is_whole = number64(slot) != 0 && seal_.is_whole(id * per_block_ + i, slot) &&
                          person > 0 && person < next_person && is_template(codes, dim_, scale);
    if (!is_whole) std::fill(codes, codes + dim_, std::int8_t{0});
    chunk.scales[row] = is_whole ? scale : 0;
    chunk.people[row] = is_whole ? person : 0;
    chunk.alive[row] = is_whole;
    whole += is_whole;
  }
  return whole;
}

}  // namespace rostro::galleries
