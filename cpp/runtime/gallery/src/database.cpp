#include "database.hpp"

#include <sqlite3.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>

#include "rostro/status.hpp"

namespace rostro::galleries {

namespace {

constexpr std::uint32_t kApplicationId = 0x526F7374;  // "Rost"
constexpr std::uint32_t kFormat = 1;
constexpr const char* kSalvage = "what is whole can be exported: rostro gallery export --salvage";

constexpr std::string_view kBlockState =
    "CREATE TABLE block_state"
    " (id INTEGER PRIMARY KEY, change INTEGER NOT NULL, count INTEGER NOT NULL)";
constexpr std::string_view kSchema[] = {
    "CREATE TABLE header (cipher TEXT NOT NULL, record BLOB NOT NULL)",
    "CREATE TABLE block (id INTEGER PRIMARY KEY, slots BLOB NOT NULL)",
    kBlockState,
    "CREATE TABLE person (id INTEGER PRIMARY KEY, record BLOB NOT NULL)",
    "CREATE TABLE person_rewritten (id INTEGER PRIMARY KEY, change INTEGER NOT NULL)",
};

constexpr const char* kSettings[] = {
    "PRAGMA query_only = ON",
    "PRAGMA temp_store = MEMORY",  // nothing is written outside of the gallery
    "PRAGMA cell_size_check = ON",
    "PRAGMA trusted_schema = OFF",
};

std::uint32_t big_endian(const unsigned char* bytes) {
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 |
         std::uint32_t{bytes[2]} << 8 | bytes[3];
}

/// The path as SQLite's address of a file, which no name can change the meaning of.
std::string address(const std::string& path) {
  std::string uri = path.front() == '/' ? "file://" : "file:./";
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '/' || c == '.' || c == '-' || c == '_';
    std::array<char, 4> hex{};
    std::snprintf(hex.data(), hex.size(), "%%%02X", static_cast<unsigned>(c) & 0xFFu);
    uri += plain ? std::string(1, c) : std::string(hex.data());
  }
  return uri;
}

bool is_of(int code, std::initializer_list<int> codes) {
  return std::find(codes.begin(), codes.end(), code & 0xFF) != codes.end();
}

}  // namespace

void Database::Close::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

Database::Database(const std::string& path, double timeout) : path_(path), timeout_(timeout) {
  struct stat file{};
  if (stat(path.c_str(), &file) != 0 || !S_ISREG(file.st_mode)) {
    throw StatusError(StatusCode::not_found, path + ": no such gallery; Python makes a new one");
  }
  open("?mode=ro");
  try {
    prepare();
  } catch (const StatusError& failure) {
    // SQLite cannot make the index of the log, without which it reads nothing; where there is no
    // log, it need not.
    if (failure.code() != StatusCode::unreadable) throw;
    struct stat log{};
    if (stat((path + "-wal").c_str(), &log) == 0 && log.st_size > 0) {
      throw StatusError(
          StatusCode::unreadable,
          path + "-shm: cannot be written, and the gallery has a log, which is read by " +
              "it; open the gallery once where it can be, which empties the log");
    }
    open("?mode=ro&immutable=1");
    prepare();
  }
}

Database::~Database() = default;

void Database::open(const char* parameters) {
  sqlite3* opened = nullptr;
  const int code =
      sqlite3_open_v2((address(path_) + parameters).c_str(), &opened,
                      SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, nullptr);
  database_.reset(opened);
  if (!opened) throw std::bad_alloc();
  if (code != SQLITE_OK) fail(code);
  sqlite3_extended_result_codes(opened, 1);
  sqlite3_busy_timeout(opened, static_cast<int>(std::min(timeout_ * 1000, 2e9)));
  sqlite3_db_config(opened, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  check_kind();
}

void Database::prepare() const {
  for (const char* setting : kSettings) run(setting);
  check_schema();
}

/// By the first bytes, before SQLite looks at anything else: what is no gallery is not touched.
void Database::check_kind() const {
  // Through SQLite's own descriptor: to close another one of the same file would end the locks of
  // everybody in this process.
  sqlite3_file* file = nullptr;
  std::array<unsigned char, 100> start{};
  sqlite3_file_control(database_.get(), "main", SQLITE_FCNTL_FILE_POINTER,
                       static_cast<void*>(&file));
  const int code = file->pMethods->xRead(file, start.data(), static_cast<int>(start.size()), 0);
  if (code != SQLITE_OK && code != SQLITE_IOERR_SHORT_READ) fail(code);
  constexpr std::string_view magic{"SQLite format 3\0", 16};
  if (code == SQLITE_IOERR_SHORT_READ || !std::equal(magic.begin(), magic.end(), start.begin())) {
    throw StatusError(StatusCode::wrong_file, path_ + ": not a gallery");
  }
  if (big_endian(&start[68]) != kApplicationId) {
    throw StatusError(StatusCode::wrong_file, path_ + ": an SQLite database, but not a gallery");
  }
  const std::uint32_t format = big_endian(&start[60]);
  if (format != kFormat) {
    throw StatusError(StatusCode::wrong_file, path_ + ": of format " + std::to_string(format) +
                                                  ", this rostro knows " + std::to_string(kFormat) +
                                                  "; use a newer rostro");
  }
}

void Database::check_schema() const {
  Query query(*this, "SELECT CAST(sql AS BLOB) FROM sqlite_master ORDER BY rowid");
  std::size_t known = 0;
  bool right = true;
  for (; query.next(); ++known) {
    right = right && known < std::size(kSchema) && query.bytes(0) == kSchema[known];
  }
  if (!right || known != std::size(kSchema)) {
    throw StatusError(StatusCode::damaged, path_ + ": damaged: its schema");
  }
}

std::int64_t Database::number(const char* sql) const {
  Query query(*this, sql);
  return query.next() ? query.integer(0) : 0;
}

void Database::run(const char* sql) const {
  const int code = sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(code);
}

void Database::fail(int code) const {
  if (is_of(code, {SQLITE_NOMEM})) throw std::bad_alloc();
  const std::string said = sqlite3_errmsg(database_.get());
  if (is_of(code, {SQLITE_BUSY, SQLITE_LOCKED})) {
    std::array<char, 32> seconds{};
    std::snprintf(seconds.data(), seconds.size(), "%g", timeout_);
    throw StatusError(StatusCode::locked, path_ + ": another process has been writing for " +
                                              seconds.data() + " s; try again later");
  }
  if (is_of(code, {SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_FORMAT, SQLITE_CONSTRAINT})) {
    throw StatusError(StatusCode::damaged, path_ + ": damaged (" + said + "); " + kSalvage);
  }
  throw StatusError(StatusCode::unreadable, path_ + ": cannot be read: " + said +
                                                " (SQLite error " + std::to_string(code) + ")");
}

void Database::found_damage(const std::string& what) const {
  throw StatusError(StatusCode::damaged, path_ + ": damaged: " + what + "; " + kSalvage);
}

Query::Query(const Database& database, const char* sql) : database_(database) {
  const int code = sqlite3_prepare_v2(database.database_.get(), sql, -1, &statement_, nullptr);
  if (code != SQLITE_OK) database.fail(code);
}

Query::~Query() { sqlite3_finalize(statement_); }

Query& Query::bind(int argument, std::int64_t value) {
  sqlite3_bind_int64(statement_, argument, value);
  return *this;
}

Query& Query::bind(int argument, std::string_view text) {
  sqlite3_bind_text(statement_, argument, text.data(), static_cast<int>(text.size()),
                    SQLITE_STATIC);
  return *this;
}

bool Query::next() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  sqlite3_reset(statement_);
  if (code != SQLITE_DONE) database_.fail(code);
  return false;
}

bool Query::is_integer(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_INTEGER;
}

bool Query::is_bytes(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_BLOB;
}

std::int64_t Query::integer(int column) const { return sqlite3_column_int64(statement_, column); }

std::string_view Query::bytes(int column) const {
  const void* data = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  if (data == nullptr || size == 0) return {};
  return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
}

ReadTransaction::~ReadTransaction() {
  try {
    database_.run("ROLLBACK");
  } catch (...) {  // SQLite ended it; NOLINT(bugprone-empty-catch)
  }
}

}  // namespace rostro::galleries
