#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rostro/status.hpp"

namespace rostro {

/// What must be equal for embeddings to be comparable, as the file names it.
struct GalleryEmbedder {
  std::string name;
  std::string version;        ///< digest of the weights and of the settings of input and output
  std::string crop_template;  ///< that faces are aligned to
  std::string refine = {};    ///< landmark network that aligned them; empty for a detector's points

  bool operator==(const GalleryEmbedder& other) const {
    return name == other.name && version == other.version && crop_template == other.crop_template &&
           refine == other.refine;
  }
};

struct GalleryOptions {
  std::size_t dim = 0;  ///< the length of embeddings that is wanted; 0: whatever the file holds
  std::optional<GalleryEmbedder> embedder = {};  ///< who makes the queries; none: not compared
  double timeout = 10.0;  ///< seconds to wait for another process that keeps the file locked
};

/// Who a face may be, and the cosine similarity that speaks for it.
struct GalleryMatch {
  std::string name;  ///< UTF-8, as it was written
  float similarity = 0.0f;
};

struct GallerySearch {
  bool rescore = false;  ///< compare the best templates once more with the float query itself
  int threads = 1;       ///< how many share the rows of a search
};

/// The reader of a gallery file, which Python writes (rostro.Gallery; enrolling stays there). It
/// never writes to the file. While it is open, PATH-wal and PATH-shm lie beside the file, as for
/// every process that has it open.
///
/// What a search sees is what the file held at `open` or at the last `refresh` that went well; the
/// same names and the same similarities, bit for bit, as Python's Gallery gives.
///
/// Thread-safe: any number of threads may search while others refresh, and no search waits for a
/// refresh. Refreshes of one gallery wait for one another. Several galleries, also of one file, may
/// be open in a process. A process that forks opens its galleries after that.
class Gallery {
 public:
  /// A gallery that nothing was opened for: every call says so.
  Gallery() noexcept;
  Gallery(Gallery&&) noexcept;
  Gallery& operator=(Gallery&&) noexcept;
  ~Gallery();

  /// Opens a file and reads all of it. `gallery` stays as it was unless all went well.
  static Status open(const std::string& path, Gallery& gallery,
                     const GalleryOptions& options = {}) noexcept;

  /// Follows what other processes committed since. Where nothing was, it asks SQLite for one
  /// number; else what changed is read: parts of 4 MB of templates, and records of people. Where it
  /// fails, searches go on with what was read last, and the next refresh reads everything. A
  /// gallery that lies where nothing can be written stays as it was when it was opened.
  Status refresh() noexcept;

  /// The `k` people most similar to each of `count` embeddings of `dim()` float32 of unit norm, row
  /// by row, best first: a person is as similar as the best of their templates.
  Status search(const float* embeddings, std::size_t count, std::size_t k,
                std::vector<std::vector<GalleryMatch>>& found,
                const GallerySearch& settings = {}) const noexcept;

  /// Who each face is; none for somebody unknown, whose similarity to everybody is below
  /// `threshold`, a cosine similarity from -1 to 1 that belongs to the embedder: its card has it.
  Status identify(const float* embeddings, std::size_t count, double threshold,
                  std::vector<std::optional<GalleryMatch>>& found,
                  const GallerySearch& settings = {}) const noexcept;

  /// All names, in the order in which they came.
  Status names(std::vector<std::string>& found) const noexcept;

  /// Who made the templates, and who was declared compatible; empty if nobody was named.
  Status embedders(std::vector<GalleryEmbedder>& found) const noexcept;

  std::size_t dim() const noexcept;     ///< length of the embeddings; 0 before it is opened
  std::size_t people() const noexcept;  ///< number of names
  std::size_t count() const noexcept;   ///< number of templates

 private:
  struct State;
  State& opened() const;

  std::unique_ptr<State> state_;
};

}  // namespace rostro
