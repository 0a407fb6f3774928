#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace rostro::galleries {

class Database;

/// A prepared statement. Names of arguments are as in SQL: ?1 is the first.
class Query {
 public:
  Query(const Database& database, const char* sql);
  ~Query();
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  Query& bind(int argument, std::int64_t value);
  Query& bind(int argument, std::string_view text);  ///< not copied

  /// Whether there is another row; after the last one the query begins anew.
  bool next();

  /// Of the current row, valid until the next one. Whether a column is of this type:
  bool is_integer(int column) const;
  bool is_bytes(int column) const;

  std::int64_t integer(int column) const;
  std::string_view bytes(int column) const;

 private:
  const Database& database_;
  sqlite3_stmt* statement_ = nullptr;
};

/// A connection to a gallery's file that only reads; one thread at a time.
class Database {
 public:
  /// Throws StatusError for what is no gallery of this format, by its first bytes and its schema.
  Database(const std::string& path, double timeout);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  const std::string& path() const { return path_; }

  /// The one number that a query gives; 0 for none.
  std::int64_t number(const char* sql) const;

  void run(const char* sql) const;

  /// Throws what SQLite says is wrong.
  [[noreturn]] void fail(int code) const;

  /// Throws that the file is damaged.
  [[noreturn]] void found_damage(const std::string& what) const;

 private:
  friend class Query;
  struct Close {
    void operator()(sqlite3* database) const;
  };

  void open(const char* parameters);
  void prepare() const;
  void check_kind() const;
  void check_schema() const;

  std::string path_;
  double timeout_;
  std::unique_ptr<sqlite3, Close> database_;
};

/// A block that sees one state of the file.
class ReadTransaction {
 public:
  explicit ReadTransaction(const Database& database) : database_(database) {
    database_.run("BEGIN");
  }
  ~ReadTransaction();
  ReadTransaction(const ReadTransaction&) = delete;
  ReadTransaction& operator=(const ReadTransaction&) = delete;

 private:
  const Database& database_;
};

}  // namespace rostro::galleries
