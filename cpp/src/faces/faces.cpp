#include "rostro/faces.hpp"

#include <algorithm>

#include "support/message.hpp"

namespace rostro {

namespace {

decltype(Faces::Entry::numbers) no_numbers(ColumnType type) {
  switch (type) {
    case ColumnType::int64:
      return std::vector<std::int64_t>{};
    case ColumnType::uint32:
      return std::vector<std::uint32_t>{};
    case ColumnType::uint8:
      return std::vector<std::uint8_t>{};
    case ColumnType::float32:
      break;
  }
  return std::vector<float>{};
}

std::string shape(const std::vector<int>& sides) {
  std::string result = "(N";
  for (const int side : sides) result += side == kAnySide ? ", any" : ", " + text(side);
  return result + (sides.empty() ? ",)" : ")");
}

bool fits(const std::vector<int>& wanted, const std::vector<int>& sides) {
  return std::equal(
      wanted.begin(), wanted.end(), sides.begin(), sides.end(),
      [](int want, int have) { return have >= 0 && (want == kAnySide || want == have); });
}

/// Whether `map` can move such entries.
bool can_move(const Column& column, const std::vector<int>& sides) {
  if (column.kind == ColumnKind::value) return true;
  if (column.type != ColumnType::float32 || sides.empty()) return false;
  if (column.kind == ColumnKind::box) return sides.size() == 1 && sides[0] == 4;
  return sides.back() == 2 || sides.back() == 3;
}

}  // namespace

const std::vector<Column>& columns::all() {
  static const std::vector<Column> declared = {boxes, scores,       landmarks, points,
                                               poses, translations, quality,   reasons,
                                               live,  embeddings,   norms,     ids};
  return declared;
}

std::size_t Faces::Entry::width() const {
  std::size_t width = 1;
  for (const int side : sides) width *= static_cast<std::size_t>(side);
  return width;
}

void Faces::reset(std::size_t size) {
  size_ = size;
  scheme.clear();
  for (Entry& entry : entries_) entry.set = false;
}

const Faces::Entry* Faces::find(std::string_view name) const {
  for (const Entry& entry : entries_) {
    if (entry.set && entry.column.name == name) return &entry;
  }
  return nullptr;
}

decltype(Faces::Entry::numbers)& Faces::room_for(const Column& column,
                                                 const std::vector<int>& sides) {
  const std::vector<int>& wanted = sides.empty() ? column.sides : sides;
  if (!fits(column.sides, wanted)) {
    throw wrong(column.name, "entries of shape " + shape(wanted),
                shape(column.sides) + " is wanted");
  }
  if (!can_move(column, wanted)) {
    throw wrong(
        column.name, "entries of shape " + shape(wanted),
        "float32 boxes of 4 numbers, or points of 2 or 3, are wanted of what moves with the "
        "image");
  }
  auto entry = std::find_if(entries_.begin(), entries_.end(),
                            [&](const Entry& known) { return known.column.name == column.name; });
  if (entry == entries_.end()) {
    entries_.push_back({column, wanted, no_numbers(column.type)});
    entry = std::prev(entries_.end());
  }
  entry->set = true;
  entry->sides = wanted;
  std::visit([&](auto& numbers) { numbers.resize(size_ * entry->width()); }, entry->numbers);
  return entry->numbers;
}

Faces Faces::select(const std::vector<std::int64_t>& indices) const {
  Faces selected;
  select(indices, selected);
  return selected;
}

void Faces::select(const std::vector<std::int64_t>& indices, Faces& selected) const {
  for (const std::int64_t index : indices) {
    if (index < 0 || static_cast<std::size_t>(index) >= size_) {
      throw wrong("indices", index, "indices of the table's " + text(size_) + " faces are wanted");
    }
  }
  selected.reset(indices.size());
  selected.scheme = scheme;
  each([&](const Entry& entry) {
    std::visit(
        [&](const auto& from) {
          using T = typename std::decay_t<decltype(from)>::value_type;
          const auto width = static_cast<std::ptrdiff_t>(entry.width());
          T* to = selected.add<T>(entry.column, entry.sides);
          for (const std::int64_t index : indices) {
            to = std::copy_n(from.begin() + index * width, width, to);
          }
        },
        entry.numbers);
  });
}

void Faces::map(const Affine& transform) {
  for (Entry& entry : entries_) {
    if (!entry.set || entry.column.kind == ColumnKind::value) continue;
    float* numbers = std::get<std::vector<float>>(entry.numbers).data();
    if (entry.column.kind == ColumnKind::box) {
      map_boxes(transform, size_, numbers);
    } else {
      const auto sides = static_cast<std::size_t>(entry.sides.back());
      map_points(transform, size_ * entry.width() / sides, sides, numbers);
    }
  }
}

Faces concatenate(const std::vector<Faces>& tables) {
  Faces all;
  concatenate(tables, all);
  return all;
}

void concatenate(const std::vector<Faces>& tables, Faces& all) {
  std::size_t size = 0;
  for (const Faces& table : tables) size += table.size();
  all.reset(size);
  if (tables.empty()) return;
  all.scheme = tables.front().scheme;
  tables.front().each([&](const Faces::Entry& first) {
    std::visit(
        [&](const auto& kind) {
          using T = typename std::decay_t<decltype(kind)>::value_type;
          T* to = all.add<T>(first.column, first.sides);
          for (const Faces& table : tables) {
            const Faces::Entry* entry = table.find(first.column.name);
            if (entry == nullptr || entry->sides != first.sides || table.scheme != all.scheme) {
              throw wrong(
                  "tables",
                  "some without the column " + quoted(first.column.name) + " as the first has it",
                  "tables of the same columns are wanted");
            }
            const auto& from = std::get<std::vector<T>>(entry->numbers);
            to = std::copy(from.begin(), from.end(), to);
          }
        },
        first.numbers);
  });
  for (const Faces& table : tables) {
    table.each([&](const Faces::Entry& entry) {
      if (all.has(entry.column)) return;
      throw wrong("tables",
                  "some with the column " + quoted(entry.column.name) + ", which the first lacks",
                  "tables of the same columns are wanted");
    });
  }
}

}  // namespace rostro
