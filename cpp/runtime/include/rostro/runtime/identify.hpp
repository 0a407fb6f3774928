#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rostro/gallery.hpp"
#include "rostro/runtime/followed_pipeline.hpp"

// The faces of a pipeline in a gallery: for programs that link rostro::runtime and rostro::gallery.
// A search asks for memory.

namespace rostro {

/// Who somebody of this embedding is; none for one without numbers.
inline Status identify(const Gallery& gallery, const float* embedding, std::size_t dim,
                       double threshold, std::optional<GalleryMatch>& found) {
  found.reset();
  if (embedding == nullptr || dim == 0) return {};
  if (dim != gallery.dim()) {
    return {StatusCode::wrong_embedder, "embeddings: got " + std::to_string(dim) + " numbers; " +
                                            std::to_string(gallery.dim()) +
                                            ", as the gallery has, are wanted"};
  }
  std::vector<std::optional<GalleryMatch>> one;
  Status status = gallery.identify(embedding, 1, threshold, one);
  if (status.ok()) found = std::move(one.front());
  return status;
}

/// Who each face is, as Python's Gallery.identify; none for somebody unknown, and for a face that
/// was not embedded. `found` gets an entry for each face.
inline Status identify(const Gallery& gallery, const Faces& faces, double threshold,
                       std::vector<std::optional<GalleryMatch>>& found) {
  found.assign(faces.size(), std::nullopt);
  const std::size_t dim = faces.width(columns::embeddings);
  const float* embeddings = faces.get(columns::embeddings);
  const float* norms = faces.get(columns::norms);
  for (std::size_t i = 0; embeddings != nullptr && i < faces.size(); ++i) {
    if (norms != nullptr && norms[i] == 0) continue;
    Status status = identify(gallery, embeddings + i * dim, dim, threshold, found[i]);
    if (!status.ok()) return status;
  }
  return {};
}

/// Who each face with an id is, by the mean of all embeddings of this id. `faces`: of the last
/// frame of `followed`.
inline Status identify(const Gallery& gallery, const FollowedPipeline& followed, const Faces& faces,
                       double threshold, std::vector<std::optional<GalleryMatch>>& found) {
  found.assign(faces.size(), std::nullopt);
  const auto* ids = faces.get<std::int64_t>(columns::ids);
  std::vector<float> mean;
  for (std::size_t i = 0; ids != nullptr && i < faces.size(); ++i) {
    followed.template_of(ids[i], mean);
    Status status = identify(gallery, mean.data(), mean.size(), threshold, found[i]);
    if (!status.ok()) return status;
  }
  return {};
}

}  // namespace rostro
