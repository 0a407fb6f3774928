#include "rostro/gallery.hpp"

#include <cmath>
#include <cstdio>
#include <mutex>
#include <new>
#include <utility>

#include "reader.hpp"
#include "rostro/error.hpp"
#include "rostro/rank_people.hpp"

namespace rostro {

using galleries::Database;
using galleries::Reader;
using galleries::Snapshot;

namespace {

/// How far the norm of a query may be from 1.
constexpr double kNormTolerance = 1e-3;

/// Does something that may throw.
template <typename Work>
Status guarded(const Work& work) noexcept {
  try {
    work();
    return {};
  } catch (const StatusError& error) {
    return {error.code(), error.what()};
  } catch (const InvalidArgument& error) {
    return {StatusCode::invalid_argument, error.what()};
  } catch (const std::bad_alloc&) {
    return {StatusCode::out_of_memory, "no memory"};  // short enough to need none
  } catch (const std::exception& error) {             // as of a thread that could not be started
    return {StatusCode::unreadable, error.what()};
  }
}

std::string shown(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", number);
  return text;
}

[[noreturn]] void refuse(const std::string& message) {
  throw StatusError(StatusCode::invalid_argument, message);
}

std::string shown(const GalleryEmbedder& embedder) {
  const std::string refined = embedder.refine.empty() ? "" : ", aligned by " + embedder.refine;
  return embedder.name + " (version " + embedder.version + ", template " + embedder.crop_template +
         refined + ")";
}

/// Throws unless embeddings of this embedder may be searched here.
void check_embedder(const std::string& path, const Snapshot& snapshot,
                    const GalleryEmbedder& wanted) {
  const std::string remedy = "; if the two are compatible, say so: Gallery.declare_compatible";
  std::string made_by;
  for (const GalleryEmbedder& known : snapshot.header.embedders) {
    if (known == wanted) return;
    made_by += (made_by.empty() ? "" : " or ") + shown(known);
  }
  if (!made_by.empty()) {
    throw StatusError(StatusCode::wrong_embedder, path + ": the gallery's templates are by " +
                                                      made_by + ", not by " + shown(wanted) +
                                                      remedy);
  }
  if (snapshot.names.count() != 0) {
    throw StatusError(StatusCode::wrong_embedder,
                      path + ": the gallery does not say who made its templates" + remedy);
  }
}

void check_embeddings(const float* embeddings, std::size_t count, std::size_t dim) {
  if (embeddings == nullptr && count > 0) refuse("embeddings: got null; an array is wanted");
  for (std::size_t row = 0; row < count; ++row) {
    double squares = 0;
    for (std::size_t i = 0; i < dim; ++i) {
      const auto value = static_cast<double>(embeddings[row * dim + i]);
      squares += value * value;
    }
    const double norm = std::sqrt(squares);
    if (std::abs(norm - 1) <= kNormTolerance) continue;  // not of NaN
    refuse("embeddings: row " + std::to_string(row) + " has norm " + shown(norm) +
           "; 1 is wanted: divide it by its norm");
  }
}

}  // namespace

struct Gallery::State {
  State(const std::string& path, const GalleryOptions& wanted)
      : options(wanted),
        database(path, wanted.timeout),
        reader(std::make_unique<Reader>(database)) {
    std::shared_ptr<const Snapshot> loaded = reader->load();
    check(*loaded);
    snapshot = std::move(loaded);
  }

  /// Throws unless these are embeddings that the caller can compare.
  void check(const Snapshot& loaded) const {
    const std::size_t dim = loaded.header.dim;
    if (options.dim != 0 && options.dim != dim) {
      throw StatusError(StatusCode::wrong_embedder, database.path() + ": holds embeddings of " +
                                                        std::to_string(dim) + " numbers, not of " +
                                                        std::to_string(options.dim));
    }
    if (options.embedder) check_embedder(database.path(), loaded, *options.embedder);
  }

  /// Brings the snapshot up to date.
  void follow() {
    const std::lock_guard<std::mutex> alone(reading);
    if (reader && !reader->changed()) return;
    const std::shared_ptr<const Snapshot> last = now();
    // Whatever throws leaves none: the next one reads everything.
    std::unique_ptr<Reader> follower = std::move(reader);
    std::shared_ptr<const Snapshot> next = follower ? follower->follow(*last) : nullptr;
    if (!next) {
      follower = std::make_unique<Reader>(database);
      next = follower->load();
      if (next->header.dim != last->header.dim) database.found_damage("its header");
    }
    check(*next);
    reader = std::move(follower);
    const std::lock_guard<std::mutex> lock(showing);
    snapshot.swap(next);
  }

  std::shared_ptr<const Snapshot> now() const {
    const std::lock_guard<std::mutex> lock(showing);
    return snapshot;
  }

  const GalleryOptions options;
  std::mutex reading;  // of whoever uses database and reader
  const Database database;
  std::unique_ptr<Reader> reader;
  mutable std::mutex showing;  // for as long as a pointer is copied
  std::shared_ptr<const Snapshot> snapshot;
};

namespace {

std::vector<std::vector<GalleryMatch>> ranked(const Snapshot& snapshot, const float* embeddings,
                                              std::size_t count, std::size_t k,
                                              const GallerySearch& settings) {
  const std::size_t dim = snapshot.header.dim;
  check_embeddings(embeddings, count, dim);
  if (k < 1) refuse("k: got 0; a number of at least 1 is wanted");
  std::vector<PeopleTemplates> parts;
  parts.reserve(snapshot.chunks.size());
  for (const auto& chunk : snapshot.chunks) {
    parts.push_back({{chunk->codes.data(), chunk->scales.data(), chunk->scales.size(), dim},
                     chunk->people.data(),
                     chunk->alive.data()});
  }
  const auto rankings =
      rank_people(parts, embeddings, count, dim, k, {settings.rescore, settings.threads});
  std::vector<std::vector<GalleryMatch>> matches(count);
  for (std::size_t query = 0; query < count; ++query) {
    for (const RankedPerson& each : rankings[query]) {
      const std::string_view name = snapshot.names.of(each.person);
      if (!name.empty()) matches[query].push_back({std::string(name), each.similarity});
    }
  }
  return matches;
}

}  // namespace

Gallery::Gallery() noexcept = default;
Gallery::Gallery(Gallery&&) noexcept = default;
Gallery& Gallery::operator=(Gallery&&) noexcept = default;
Gallery::~Gallery() = default;

Status Gallery::open(const std::string& path, Gallery& gallery,
                     const GalleryOptions& options) noexcept {
  return guarded([&] {
    if (path.empty() || path.find('\0') != std::string::npos) {
      refuse("path: got one that is empty or holds a zero; the name of a file is wanted");
    }
    if (!(options.timeout >= 0)) refuse("timeout: 0 seconds or more are wanted");
    gallery.state_ = std::make_unique<State>(path, options);
  });
}

Status Gallery::refresh() noexcept {
  return guarded([&] { opened().follow(); });
}

Status Gallery::search(const float* embeddings, std::size_t count, std::size_t k,
                       std::vector<std::vector<GalleryMatch>>& found,
                       const GallerySearch& settings) const noexcept {
  return guarded([&] { found = ranked(*opened().now(), embeddings, count, k, settings); });
}

Status Gallery::identify(const float* embeddings, std::size_t count, double threshold,
                         std::vector<std::optional<GalleryMatch>>& found,
                         const GallerySearch& settings) const noexcept {
  return guarded([&] {
    if (!(threshold >= -1.0 && threshold <= 1.0)) {
      refuse("threshold: got " + shown(threshold) + "; a cosine similarity from -1 to 1 is wanted");
    }
    auto rankings = ranked(*opened().now(), embeddings, count, 1, settings);
    found.assign(count, std::nullopt);
    for (std::size_t query = 0; query < count; ++query) {
      if (rankings[query].empty()) continue;
      GalleryMatch& best = rankings[query].front();
      if (static_cast<double>(best.similarity) >= threshold) found[query] = std::move(best);
    }
  });
}

Status Gallery::names(std::vector<std::string>& found) const noexcept {
  return guarded([&] { found = opened().now()->names.all(); });
}

Status Gallery::embedders(std::vector<GalleryEmbedder>& found) const noexcept {
  return guarded([&] { found = opened().now()->header.embedders; });
}

Gallery::State& Gallery::opened() const {
  if (!state_) refuse("gallery: got one that is not open; Gallery::open is wanted");
  return *state_;
}

std::size_t Gallery::dim() const noexcept { return state_ ? state_->now()->header.dim : 0; }

std::size_t Gallery::people() const noexcept { return state_ ? state_->now()->names.count() : 0; }

std::size_t Gallery::count() const noexcept { return state_ ? state_->now()->count : 0; }

}  // namespace rostro
