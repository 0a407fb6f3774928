#include "header.hpp"

#include <string>
#include <string_view>

#include "rostro/match.hpp"
#include "rostro/status.hpp"
#include "seal.hpp"

namespace rostro::galleries {

namespace {

constexpr std::uint64_t kHeaderPlace = 0;  // records of people have places from 1 on

/// The fields of a JSON object that are text; false if there are others, or too few.
bool read_embedder(const Database& database, std::string_view json, GalleryEmbedder& embedder) {
  // SQLite reads JSON, so that nothing else has to.
  Query fields(database, "SELECT key, type, value FROM json_each(?1)");
  fields.bind(1, json);
  bool name = false, version = false, crop_template = false;
  bool right = true;
  while (fields.next()) {
    const std::string_view key = fields.bytes(0);
    right = right && fields.bytes(1) == "text";
    const std::string value(fields.bytes(2));
    if (key == "name") {
      embedder.name = value;
      name = true;
    } else if (key == "version") {
      embedder.version = value;
      version = true;
    } else if (key == "template") {
      embedder.crop_template = value;
      crop_template = true;
    } else if (key == "refine") {
      embedder.refine = value;
    } else {
      right = false;
    }
  }
  return right && name && version && crop_template;
}

[[noreturn]] void fail(const Database& database, const char* detail) {
  throw StatusError(StatusCode::damaged, database.path() + ": damaged: its header" + detail);
}

Header decode(const Database& database, std::string_view json) {
  Query valid(database, "SELECT CASE WHEN json_valid(?1) THEN json_type(?1) = 'object' END");
  valid.bind(1, json);
  if (!valid.next() || valid.integer(0) == 0) fail(database, ": no header");
  Header header;
  std::size_t keys = 0;
  std::string embedders;
  Query fields(database, "SELECT key, type, value FROM json_each(?1)");
  fields.bind(1, json);
  for (; fields.next(); ++keys) {
    if (fields.bytes(0) == "dim" && fields.is_integer(2)) {
      const std::int64_t dim = fields.integer(2);
      const bool possible = dim >= 1 && dim <= static_cast<std::int64_t>(kMaxDim);
      if (possible && fields.bytes(1) == "integer") header.dim = static_cast<std::size_t>(dim);
    } else if (fields.bytes(0) == "embedders" && fields.bytes(1) == "array") {
      embedders = fields.bytes(2);
    }
  }
  if (keys != 2) fail(database, ": no header");
  if (header.dim == 0 || embedders.empty()) {
    fail(database, ": no length of embeddings, or no list of embedders");
  }
  Query list(database, "SELECT type, value FROM json_each(?1)");
  list.bind(1, embedders);
  while (list.next()) {
    GalleryEmbedder embedder;
    if (list.bytes(0) != "object" || !read_embedder(database, list.bytes(1), embedder)) {
      fail(database, ": an embedder without name, version and template");
    }
    header.embedders.push_back(std::move(embedder));
  }
  return header;
}

}  // namespace

Header Header::read(const Database& database) {
  Query rows(database, "SELECT cipher, record FROM header");
  if (!rows.next() || !rows.is_bytes(1)) fail(database, "");
  const std::string cipher(rows.bytes(0)), record(rows.bytes(1));
  if (rows.next() || (cipher != "none" && cipher != "chacha20-poly1305")) fail(database, "");
  if (cipher != "none") {
    throw StatusError(StatusCode::encrypted,
                      database.path() +
                          ": is encrypted, which C++ cannot read; open it in Python with "
                          "its key, or export it there into a gallery without one");
  }
  const auto data = open_record(kHeaderPlace, record);
  if (!data) fail(database, "");
  return decode(database, *data);
}

}  // namespace rostro::galleries
