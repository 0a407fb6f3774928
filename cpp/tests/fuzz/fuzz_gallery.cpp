// Gallery files: any bytes, opened, searched and followed.

#include <stdlib.h>

#include <cstdio>
#include <string>
#include <vector>

#include "fuzz/input.hpp"
#include "rostro/gallery.hpp"

using namespace rostro;

namespace {

/// A folder of its own for this process; it is there until the very end.
const std::string& folder() {
  static const std::string* const path = [] {
    auto* const name = new std::string("/tmp/fuzz-gallery-XXXXXX");
    if (mkdtemp(name->data()) == nullptr) std::abort();
    return name;
  }();
  return *path;
}

std::string path_of(const char* suffix) { return folder() + "/people.rostro" + suffix; }

void check(const Status& status) {
  if (status.ok() != status.message.empty()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) std::remove(path_of(suffix).c_str());
  std::FILE* file = std::fopen(path_of("").c_str(), "wb");
  if (file == nullptr) std::abort();
  std::fwrite(data, 1, size, file);
  std::fclose(file);
  Gallery gallery;
  GalleryOptions options;
  options.timeout = 0;
  const Status status = Gallery::open(path_of(""), gallery, options);
  check(status);
  if (!status.ok()) return 0;
  const std::vector<float> query(gallery.dim(), 0.1f);
  std::vector<std::vector<GalleryMatch>> found;
  check(gallery.search(query.data(), 1, 3, found, {true, 1}));
  std::vector<std::string> names;
  check(gallery.names(names));
  std::vector<GalleryEmbedder> embedders;
  check(gallery.embedders(embedders));
  check(gallery.refresh());
  return 0;
}

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  std::atexit([] {
    for (const char* suffix : {"", "-wal", "-shm", "-journal"}) {
      std::remove(path_of(suffix).c_str());
    }
    std::remove(folder().c_str());
  });
  return 0;
}
