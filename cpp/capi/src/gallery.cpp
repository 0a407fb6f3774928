#include <limits>
#include <utility>

#include "handles.hpp"

using rostro::GalleryMatch;
using rostro::capi::call;
using rostro::capi::refuse;
using rostro::capi::tell;
using rostro::capi::text_or_empty;
using rostro::capi::wanted;

namespace {

rostro::GalleryOptions options_of(const rostro_gallery_options* given) {
  rostro::GalleryOptions options;
  if (given == nullptr) return options;
  const rostro_gallery_options asked = rostro::capi::read(*given, "options");
  rostro::capi::check_reserved(asked.reserved, "options");
  options.dim = asked.dim;
  if (asked.timeout_ms < 0) {
    refuse("options.timeout_ms: got " + std::to_string(asked.timeout_ms) +
           "; a positive number or 0 is wanted");
  }
  if (asked.timeout_ms > 0) options.timeout = asked.timeout_ms / 1000.0;
  if (asked.name != nullptr) {
    options.embedder = {asked.name, text_or_empty(asked.version),
                        text_or_empty(asked.crop_template), text_or_empty(asked.refine)};
  } else if (asked.version != nullptr || asked.crop_template != nullptr ||
             asked.refine != nullptr) {
    refuse("options.name: got a null pointer; the embedder's is wanted with its version");
  }
  return options;
}

rostro::GallerySearch settings_of(const rostro_search_options* given) {
  rostro::GallerySearch settings;
  if (given == nullptr) return settings;
  const rostro_search_options asked = rostro::capi::read(*given, "options");
  settings.rescore = asked.rescore != 0;
  settings.threads = asked.threads == 0 ? 1 : asked.threads;
  return settings;
}

/// Where the embeddings are; there may be none.
const float* checked(const float* embeddings, std::size_t count) {
  return count == 0 ? embeddings : &wanted(embeddings, "embeddings");
}

const GalleryMatch* match_at(const rostro_matches* matches, std::size_t embedding,
                             std::size_t rank) {
  return rank < rostro_matches_count(matches, embedding) ? &matches->found[embedding][rank]
                                                         : nullptr;
}

}  // namespace

rostro_status rostro_gallery_open(const char* path, const rostro_gallery_options* options,
                                  rostro_gallery** gallery, rostro_error* error) {
  return call(error, [&] {
    auto opened = std::make_unique<rostro_gallery>();
    rostro_gallery*& given = wanted(gallery, "gallery");
    const rostro_status status = tell(
        rostro::Gallery::open(&wanted(path, "path"), opened->gallery, options_of(options)), error);
    if (status == ROSTRO_OK) given = opened.release();
    return status;
  });
}

rostro_status rostro_gallery_refresh(rostro_gallery* gallery, rostro_error* error) {
  return call(error, [&] { return tell(wanted(gallery, "gallery").gallery.refresh(), error); });
}

size_t rostro_gallery_dim(const rostro_gallery* gallery) {
  return gallery == nullptr ? 0 : gallery->gallery.dim();
}

size_t rostro_gallery_people(const rostro_gallery* gallery) {
  return gallery == nullptr ? 0 : gallery->gallery.people();
}

size_t rostro_gallery_templates(const rostro_gallery* gallery) {
  return gallery == nullptr ? 0 : gallery->gallery.count();
}

void rostro_gallery_close(rostro_gallery* gallery) { rostro::capi::end(gallery); }

rostro_status rostro_matches_create(rostro_matches** matches, rostro_error* error) {
  return call(error, [&] {
    wanted(matches, "matches") = std::make_unique<rostro_matches>().release();
    return ROSTRO_OK;
  });
}

void rostro_matches_free(rostro_matches* matches) { rostro::capi::end(matches); }

size_t rostro_matches_count(const rostro_matches* matches, size_t embedding) {
  return matches != nullptr && embedding < matches->found.size() ? matches->found[embedding].size()
                                                                 : 0;
}

const char* rostro_matches_name(const rostro_matches* matches, size_t embedding, size_t rank) {
  const GalleryMatch* match = match_at(matches, embedding, rank);
  return match == nullptr ? nullptr : match->name.c_str();
}

float rostro_matches_similarity(const rostro_matches* matches, size_t embedding, size_t rank) {
  const GalleryMatch* match = match_at(matches, embedding, rank);
  return match == nullptr ? std::numeric_limits<float>::quiet_NaN() : match->similarity;
}

rostro_status rostro_gallery_search(const rostro_gallery* gallery, const float* embeddings,
                                    size_t count, size_t k, const rostro_search_options* options,
                                    rostro_matches* matches, rostro_error* error) {
  return call(error, [&] {
    auto& found = wanted(matches, "matches").found;
    found.clear();
    const rostro_status status =
        tell(wanted(gallery, "gallery")
                 .gallery.search(checked(embeddings, count), count, k, found, settings_of(options)),
             error);
    if (status != ROSTRO_OK) found.clear();
    return status;
  });
}

rostro_status rostro_gallery_identify(const rostro_gallery* gallery, const float* embeddings,
                                      size_t count, double threshold,
                                      const rostro_search_options* options, rostro_matches* matches,
                                      rostro_error* error) {
  return call(error, [&] {
    auto& found = wanted(matches, "matches").found;
    found.clear();
    std::vector<std::optional<GalleryMatch>> who;
    const rostro_status status = tell(wanted(gallery, "gallery")
                                          .gallery.identify(checked(embeddings, count), count,
                                                            threshold, who, settings_of(options)),
                                      error);
    if (status != ROSTRO_OK) return status;
    found.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
      if (who[i]) found[i].push_back(std::move(*who[i]));
    }
    return status;
  });
}
