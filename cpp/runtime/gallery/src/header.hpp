#pragma once

#include <cstddef>
#include <vector>

#include "database.hpp"
#include "rostro/gallery.hpp"

namespace rostro::galleries {

/// What a gallery says of itself.
struct Header {
  std::size_t dim = 0;
  std::vector<GalleryEmbedder> embedders;

  /// Throws StatusError for one that is damaged, and for a gallery that is encrypted.
  static Header read(const Database& database);
};

}  // namespace rostro::galleries
