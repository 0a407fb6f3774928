#pragma once

#include <cstdint>
#include <memory>

#include "database.hpp"
#include "people_reader.hpp"
#include "snapshot.hpp"
#include "template_reader.hpp"

namespace rostro::galleries {

/// Reads a gallery's file: all of it, then what others change; one thread at a time. Once it threw
/// StatusError, another one has to read everything.
class Reader {
 public:
  explicit Reader(const Database& database);

  /// Whether another process committed anything since the last reading.
  bool changed() const;

  /// Everything, at first.
  std::shared_ptr<const Snapshot> load();

  /// What the file holds now; null if it was written anew meanwhile, with other numbers, so that
  /// another reader has to load it.
  std::shared_ptr<const Snapshot> follow(const Snapshot& last);

 private:
  std::int64_t generation() const;
  void read_into(Snapshot& snapshot);

  const Database& database_;
  PeopleReader people_;
  std::unique_ptr<TemplateReader> templates_;
  std::int64_t generation_ = 0;
  std::int64_t version_ = 0;
};

}  // namespace rostro::galleries
