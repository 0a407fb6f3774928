#include "people_reader.hpp"

#include <algorithm>
#include <map>
#include <string>

#include "seal.hpp"

namespace rostro::galleries {

namespace {

constexpr std::size_t kMaxName = 1000;  // bytes
constexpr std::int64_t kPeoplePerRecord = 128;
constexpr std::int64_t kLeastRecord = 16;  // bytes

struct Person {
  std::uint32_t number;
  std::string_view name;
};

/// Whether a text is UTF-8 without control characters.
bool is_name(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i++]);
    const int more = first < 0x80   ? 0
                     : first < 0xC2 ? -1
                     : first < 0xE0 ? 1
                     : first < 0xF0 ? 2
                     : first < 0xF5 ? 3
                                    : -1;
    if (more < 0) return false;
    std::uint32_t letter = more == 0 ? first : first & (0x3Fu >> more);
    for (int k = 0; k < more; ++k, ++i) {
      const auto next = i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
      if ((next & 0xC0u) != 0x80) return false;
      letter = letter << 6 | (next & 0x3Fu);
    }
    const bool is_control = letter < 0x20 || (letter >= 0x7F && letter <= 0x9F);
    const bool is_short = (more == 2 && letter < 0x800) || (more == 3 && letter < 0x10000);
    const bool is_surrogate = letter >= 0xD800 && letter <= 0xDFFF;
    if (is_control || is_short || is_surrogate || letter > 0x10FFFF) return false;
  }
  return true;
}

/// The people of a record; what is wrong with it otherwise.
const char* decode(std::string_view data, std::vector<Person>& people) {
  if (data.size() < 4) return "names or metadata are missing";
  const char* const start = data.data();
  const std::uint64_t count = number32(start);
  if (4 + 12 * count > data.size()) return "names or metadata are missing";
  const char* numbers = start + 4;
  const char* names = numbers + 4 * count;
  const char* metadata = names + 4 * count;
  std::uint64_t place = 4 + 12 * count, end = place;
  for (std::uint64_t i = 0; i < count; ++i) {
    end += std::uint64_t{number32(names + 4 * i)} + number32(metadata + 4 * i);
  }
  if (end > data.size()) return "names or metadata are missing";
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::size_t length = number32(names + 4 * i);
    people.push_back({number32(numbers + 4 * i), data.substr(place, length)});
    place += length;
  }
  return nullptr;
}

/// What is wrong with people; null if they can be some.
const char* check(const std::vector<Person>& people, std::int64_t most) {
  std::vector<std::uint32_t> numbers;
  for (const Person& person : people) {
    if (person.number == 0) return "nobody has the number 0";
    if (person.name.size() > kMaxName) return "a name is too long";
    if (!is_name(person.name)) return "a name is no UTF-8, or holds control characters";
    if (person.number > most) return "a number that nobody can have yet";
    numbers.push_back(person.number);
  }
  std::sort(numbers.begin(), numbers.end());
  const bool is_twice = std::adjacent_find(numbers.begin(), numbers.end()) != numbers.end();
  return is_twice ? "somebody is there twice" : nullptr;
}

}  // namespace

void PeopleReader::read(Names& names) {
  most_records_ =
      database_.number("PRAGMA page_count") * database_.number("PRAGMA page_size") / kLeastRecord;
  std::map<std::int64_t, std::int64_t> rewritten;  // by record, the number of the change
  Query changes(database_, "SELECT id, change FROM person_rewritten WHERE id > 0 AND change > ?1");
  changes.bind(1, rewriting_);
  while (changes.next()) {
    if (!changes.is_integer(1)) database_.found_damage("the list of rewritten records");
    rewritten[changes.integer(0)] = changes.integer(1);
    rewriting_ = std::max(rewriting_, changes.integer(1));
  }
  const auto take_all = [&](Query& records, bool are_last) {
    while (records.next()) {
      const std::int64_t id = records.integer(0);
      if (!records.is_bytes(1)) database_.found_damage("the list of people");
      if (are_last && id != last_ && id != last_ + 1) {
        database_.found_damage("records of people are missing");
      }
      take(id, records.bytes(1), names);
    }
  };
  Query one(database_, "SELECT id, record FROM person WHERE id = ?1");
  for (const auto& [id, change] : rewritten) {
    if (id < last_) take_all(one.bind(1, id), false);
  }
  if (rewritten.count(last_) != 0) last_count_ = 0;
  // Others may have come into the last record.
  Query rest(database_, "SELECT id, record FROM person WHERE id >= ?1 ORDER BY id");
  take_all(rest.bind(1, std::max<std::int64_t>(last_, 1)), true);
}

void PeopleReader::take(std::int64_t id, std::string_view record, Names& names) {
  const auto fail = [&](const char* why) {
    database_.found_damage("record " + std::to_string(id) + " of people: " + why);
  };
  const auto data = open_record(static_cast<std::uint64_t>(id), record);
  if (!data) return fail("altered");
  std::vector<Person> people;
  if (const char* wrong = decode(*data, people)) fail(wrong);
  if (id == last_) {
    const std::size_t known = std::min(last_count_, people.size());
    people.erase(people.begin(), people.begin() + static_cast<std::ptrdiff_t>(known));
    last_count_ += people.size();
  } else if (id > last_) {
    last_ = id;
    last_count_ = people.size();
  }
  // Numbers are counted up, and records are: more memory than the file is long by is never taken
  // for the list of who is where.
  if (const char* wrong = check(people, std::min(id, most_records_) * kPeoplePerRecord))
    fail(wrong);
  for (const Person& person : people) {
    if (person.number >= records_.size()) records_.resize(std::size_t{person.number} + 1);
    std::int64_t& newest = records_[person.number];
    if (newest > id) continue;  // somebody who was renamed is in a later record too, which holds
    newest = id;
    names.put(person.number, person.name);
  }
}

}  // namespace rostro::galleries
