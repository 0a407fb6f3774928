#include "handles.hpp"

using rostro::Faces;
using rostro::capi::call;
using rostro::capi::wanted;

namespace {

int32_t dtype_of(rostro::ColumnType type) {
  switch (type) {
    case rostro::ColumnType::float32:
      return ROSTRO_FLOAT32;
    case rostro::ColumnType::int64:
      return ROSTRO_INT64;
    case rostro::ColumnType::uint32:
      return ROSTRO_UINT32;
    case rostro::ColumnType::uint8:
      break;
  }
  return ROSTRO_UINT8;
}

rostro_column shown(const Faces::Entry& entry, std::size_t faces) {
  rostro_column column = {};
  if (entry.sides.size() >= std::size(column.shape)) {
    throw rostro::StatusError(rostro::StatusCode::internal,
                              entry.column.name + ": has more sides than C shows");
  }
  column.name = entry.column.name.c_str();
  if (faces > 0) {
    column.data =
        std::visit([](const auto& numbers) { return static_cast<const void*>(numbers.data()); },
                   entry.numbers);
  }
  column.dtype = dtype_of(entry.column.type);
  column.shape[column.rank++] = static_cast<int64_t>(faces);
  for (const int side : entry.sides) column.shape[column.rank++] = side;
  return column;
}

/// Writes the first column for which `is_it` holds.
template <typename IsIt>
rostro_status find(const Faces& faces, rostro_column& column, const std::string& name,
                   const IsIt& is_it) {
  const Faces::Entry* found = nullptr;
  faces.each([&](const Faces::Entry& entry) {
    if (found == nullptr && is_it(entry)) found = &entry;
  });
  if (found == nullptr) {
    throw rostro::StatusError(rostro::StatusCode::not_found,
                              "faces: have no column " + name + "; nothing has set it");
  }
  rostro::capi::write(shown(*found, faces.size()), column, "column");
  return ROSTRO_OK;
}

}  // namespace

rostro_status rostro_faces_create(rostro_faces** faces, rostro_error* error) {
  return call(error, [&] {
    wanted(faces, "faces") = std::make_unique<rostro_faces>().release();
    return ROSTRO_OK;
  });
}

void rostro_faces_free(rostro_faces* faces) { rostro::capi::end(faces); }

size_t rostro_faces_count(const rostro_faces* faces) {
  return faces == nullptr ? 0 : faces->faces.size();
}

const char* rostro_faces_scheme(const rostro_faces* faces) {
  return faces == nullptr ? nullptr : faces->faces.scheme.c_str();
}

rostro_status rostro_faces_column(const rostro_faces* faces, const char* name,
                                  rostro_column* column, rostro_error* error) {
  return call(error, [&] {
    const std::string_view asked = &wanted(name, "name");
    return find(wanted(faces, "faces").faces, wanted(column, "column"),
                '"' + std::string(asked) + '"',
                [&](const Faces::Entry& entry) { return entry.column.name == asked; });
  });
}

size_t rostro_faces_columns(const rostro_faces* faces) {
  size_t count = 0;
  if (faces != nullptr) faces->faces.each([&](const Faces::Entry&) { ++count; });
  return count;
}

rostro_status rostro_faces_column_at(const rostro_faces* faces, size_t index, rostro_column* column,
                                     rostro_error* error) {
  return call(error, [&] {
    size_t seen = 0;
    return find(wanted(faces, "faces").faces, wanted(column, "column"), std::to_string(index),
                [&](const Faces::Entry&) { return seen++ == index; });
  });
}
