#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

// Checksums of a gallery's file (docs/reference/formats.md), each bound to its place.
namespace rostro::galleries {

/// Bytes of the seal before the payload of a slot.
inline constexpr std::size_t kSlotSeal = 8;

/// A number of the file, which is little-endian whatever the machine is.
std::uint32_t number32(const char* bytes);
std::uint64_t number64(const char* bytes);

/// What a record at this place holds; nothing if it was altered.
std::optional<std::string_view> open_record(std::uint64_t place, std::string_view record);

/// The sums of slots of one size.
class SlotSeal {
 public:
  /// Slots of `size` bytes, a multiple of 8.
  explicit SlotSeal(std::size_t size);

  bool is_whole(std::uint64_t position, const char* slot) const;

 private:
  std::vector<std::uint64_t> factors_;
};

}  // namespace rostro::galleries
