#include "reader.hpp"

#include <string>
#include <vector>

namespace rostro::galleries {

namespace {

/// Throws if there are templates that are nobody's, or people without one.
void check_owners(const Database& database, const Snapshot& snapshot, std::size_t next_person) {
  std::vector<bool> seen(next_person);
  std::size_t owners = 0;
  for (const auto& chunk : snapshot.chunks) {
    for (std::size_t row = 0; row < chunk->people.size(); ++row) {
      const std::uint32_t person = chunk->people[row];
      if (chunk->alive[row] == 0 || seen[person]) continue;
      if (snapshot.names.of(person).empty()) {
        database.found_damage("templates of people who are not in the list of people");
      }
      seen[person] = true;
      ++owners;
    }
  }
  if (owners != snapshot.names.count()) {
    database.found_damage("all templates of " + std::to_string(snapshot.names.count() - owners) +
                          " of the people");
  }
}

}  // namespace

Reader::Reader(const Database& database) : database_(database), people_(database) {}

bool Reader::changed() const { return database_.number("PRAGMA data_version") != version_; }

std::shared_ptr<const Snapshot> Reader::load() {
  const ReadTransaction transaction(database_);
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->header = Header::read(database_);
  generation_ = generation();
  templates_ = std::make_unique<TemplateReader>(database_, snapshot->header.dim);
  read_into(*snapshot);
  check_owners(database_, *snapshot, people_.next_person());
  return snapshot;
}

std::shared_ptr<const Snapshot> Reader::follow(const Snapshot& last) {
  const ReadTransaction transaction(database_);
  if (generation() != generation_) return nullptr;
  auto snapshot = std::make_shared<Snapshot>(last);
  snapshot->header = Header::read(database_);
  if (snapshot->header.dim != last.header.dim) database_.found_damage("its header");
  read_into(*snapshot);
  return snapshot;
}

std::int64_t Reader::generation() const {
  return database_.number("SELECT max(change) FROM person_rewritten WHERE id = 0");
}

void Reader::read_into(Snapshot& snapshot) {
  people_.read(snapshot.names);
  templates_->read(snapshot, people_.next_person());
  version_ = database_.number("PRAGMA data_version");
}

}  // namespace rostro::galleries
