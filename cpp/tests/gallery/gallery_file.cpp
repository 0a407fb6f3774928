#include "gallery/gallery_file.hpp"

#include <sqlite3.h>
#include <stdlib.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <stdexcept>

#include "rostro/match.hpp"

namespace {

constexpr std::size_t kSlot = 8 + 8 + GalleryFile::kDim;
constexpr std::size_t kSlots = (64 << 10) / kSlot;

template <typename Number>
void append(std::string& bytes, Number number) {
  for (std::size_t i = 0; i < sizeof number; ++i) {
    bytes += static_cast<char>(number >> (8 * i) & 0xFF);
  }
}

std::string sealed_record(std::string data, std::uint32_t place) {
  std::uint32_t sum = ~place;
  for (const char byte : data) {
    sum ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) sum = (sum >> 1) ^ (0xEDB88320u & (0u - (sum & 1)));
  }
  append(data, ~sum);
  return data;
}

std::string slot_of(const GalleryFile::Template& of, std::uint64_t position) {
  std::vector<std::int8_t> codes(GalleryFile::kDim);
  float scale = 0;
  rostro::quantize_embeddings(of.embedding.data(), 1, codes.size(), codes.data(), &scale);
  std::uint32_t scale_bits = 0;
  std::memcpy(&scale_bits, &scale, sizeof scale);
  std::string payload;
  append(payload, of.person);
  append(payload, scale_bits);
  payload.append(codes.begin(), codes.end());
  const auto factor = [](std::uint64_t i) { return (i + 1) * 0x9E3779B97F4A7C15u | 1u; };
  std::uint64_t sum = (position + 1) * factor(0);
  for (std::size_t word = 0; word < payload.size() / 8; ++word) {
    std::uint64_t value = 0;
    for (std::size_t byte = 8; byte-- > 0;) {
      value = value << 8 | static_cast<unsigned char>(payload[8 * word + byte]);
    }
    sum += value * factor(word + 1);
  }
  std::string slot;
  append(slot, sum);
  return slot + payload;
}

}  // namespace

GalleryFile::GalleryFile(const std::string& header) {
  std::string name = (std::filesystem::temp_directory_path() / "galleryXXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder " + name);
  folder_ = name;
  path_ = folder_ + "/people.rostro";
  if (sqlite3_open(path_.c_str(), &database_) != SQLITE_OK) throw std::runtime_error(path_);
  run("PRAGMA page_size = 4096; PRAGMA journal_mode = WAL;"
      "CREATE TABLE header (cipher TEXT NOT NULL, record BLOB NOT NULL);"
      "CREATE TABLE block (id INTEGER PRIMARY KEY, slots BLOB NOT NULL);"
      "CREATE TABLE block_state"
      " (id INTEGER PRIMARY KEY, change INTEGER NOT NULL, count INTEGER NOT NULL);"
      "CREATE TABLE person (id INTEGER PRIMARY KEY, record BLOB NOT NULL);"
      "CREATE TABLE person_rewritten (id INTEGER PRIMARY KEY, change INTEGER NOT NULL);"
      "PRAGMA application_id = 1383035764; PRAGMA user_version = 1;");
  put("INSERT INTO header VALUES ('none', ?1)", sealed_record(header, 0));
  run("PRAGMA wal_checkpoint(TRUNCATE)");  // as rostro makes them, whole in the file
}

GalleryFile::~GalleryFile() {
  sqlite3_close(database_);
  std::filesystem::remove_all(folder_);
}

void GalleryFile::write(const std::vector<std::string>& names,
                        const std::vector<Template>& templates) {
  std::string people;
  append(people, static_cast<std::uint32_t>(names.size()));
  for (std::uint32_t i = 1; i <= names.size(); ++i) append(people, i);
  for (const std::string& name : names) append(people, static_cast<std::uint32_t>(name.size()));
  for (std::size_t i = 0; i < names.size(); ++i) append(people, std::uint32_t{0});
  for (const std::string& name : names) people += name;
  std::string slots;
  for (const Template& each : templates) slots += slot_of(each, slots.size() / kSlot);
  slots.resize(kSlots * kSlot);
  const std::string change = std::to_string(++change_);
  const std::string count = std::to_string(templates.size());
  run("BEGIN");
  put("INSERT OR REPLACE INTO person VALUES (1, ?1)", sealed_record(people, 1));
  put("INSERT OR REPLACE INTO block VALUES (0, ?1)", slots);
  run("INSERT OR REPLACE INTO person_rewritten VALUES (1, " + change + ");" +
      "INSERT OR REPLACE INTO block_state VALUES (0, " + change + ", " + count + "); COMMIT");
}

void GalleryFile::run(const std::string& sql) {
  const int code = sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) throw std::runtime_error(sqlite3_errmsg(database_));
}

void GalleryFile::put(const std::string& sql, const std::string& bytes) {
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v2(database_, sql.c_str(), -1, &statement, nullptr);
  sqlite3_bind_blob(statement, 1, bytes.data(), static_cast<int>(bytes.size()), SQLITE_STATIC);
  const int code = sqlite3_step(statement);
  sqlite3_finalize(statement);
  if (code != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(database_));
}

std::vector<float> embedding_of(int number) {
  std::vector<float> values(GalleryFile::kDim);
  double squares = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double value = std::sin(1.0 + 0.7 * number * static_cast<double>(i + 1));
    values[i] = static_cast<float>(value);
    squares += value * value;
  }
  for (float& value : values) value /= static_cast<float>(std::sqrt(squares));
  return values;
}
