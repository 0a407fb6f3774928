#include "seal.hpp"

#include <array>

namespace rostro::galleries {

namespace {

constexpr std::uint32_t kCrcOfWhole = 0x2144DF1C;  // of anything that ends in its own CRC-32
constexpr std::size_t kCrcBytes = 4;

using CrcTable = std::array<std::array<std::uint32_t, 256>, 8>;

/// Row i: what a byte does to the sum when i more bytes follow it.
constexpr CrcTable make_crc_table() {
  CrcTable table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t sum = byte;
    for (int bit = 0; bit < 8; ++bit) sum = (sum >> 1) ^ ((sum & 1) != 0 ? 0xEDB88320u : 0u);
    table[0][byte] = sum;
  }
  for (std::size_t row = 1; row < table.size(); ++row) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t before = table[row - 1][byte];
      table[row][byte] = (before >> 8) ^ table[0][before & 0xFF];
    }
  }
  return table;
}

constexpr CrcTable kCrc = make_crc_table();

/// CRC-32 as of zlib, going on from `sum`; 8 bytes at a time, for a million people have 32 MB.
std::uint32_t crc32(std::string_view data, std::uint32_t sum) {
  sum = ~sum;
  std::size_t i = 0;
  for (; i + 8 <= data.size(); i += 8) {
    const std::uint64_t word = number64(&data[i]) ^ sum;
    sum = 0;
    for (std::size_t byte = 0; byte < 8; ++byte) sum ^= kCrc[7 - byte][word >> (8 * byte) & 0xFF];
  }
  for (; i < data.size(); ++i) {
    sum = (sum >> 8) ^ kCrc[0][(sum ^ static_cast<unsigned char>(data[i])) & 0xFF];
  }
  return ~sum;
}

}  // namespace

std::uint32_t number32(const char* bytes) {
  std::uint32_t number = 0;
  for (int i = 3; i >= 0; --i) number = number << 8 | static_cast<unsigned char>(bytes[i]);
  return number;
}

std::uint64_t number64(const char* bytes) {
  return std::uint64_t{number32(bytes + 4)} << 32 | number32(bytes);
}

std::optional<std::string_view> open_record(std::uint64_t place, std::string_view record) {
  if (crc32(record, static_cast<std::uint32_t>(place)) != kCrcOfWhole) return std::nullopt;
  if (record.size() < kCrcBytes) return std::nullopt;
  return record.substr(0, record.size() - kCrcBytes);
}

SlotSeal::SlotSeal(std::size_t size) : factors_(size / 8) {
  for (std::size_t i = 0; i < factors_.size(); ++i) {
    factors_[i] = (i + 1) * std::uint64_t{0x9E3779B97F4A7C15} | 1;
  }
}

bool SlotSeal::is_whole(std::uint64_t position, const char* slot) const {
  std::uint64_t sum = (position + 1) * factors_[0];
  for (std::size_t i = 1; i < factors_.size(); ++i) sum += number64(slot + 8 * i) * factors_[i];
  return sum == number64(slot);
}

}  // namespace rostro::galleries
