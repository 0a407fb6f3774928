// Model cards: any text in the file, and the tasks that are made of what is read.

#include <stdlib.h>

#include <cstdio>
#include <string>

#include "fuzz/input.hpp"
#include "rostro/runtime/card.hpp"

using namespace rostro;

namespace {

/// A file of its own for this process; its name is there until the very end.
const std::string& card_file() {
  static const std::string* const path = [] {
    auto* const name = new std::string("/tmp/fuzz-card-XXXXXX");
    std::fclose(fdopen(mkstemp(name->data()), "w"));
    std::atexit([] { std::remove(card_file().c_str()); });
    return name;
  }();
  return *path;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::FILE* file = std::fopen(card_file().c_str(), "wb");
  if (file == nullptr) std::abort();
  std::fwrite(data, 1, size, file);
  std::fclose(file);
  Card card;
  const Status status = read_card(card_file(), card);
  if (status.ok() != status.message.empty() || status.code == StatusCode::internal) std::abort();
  if (!status.ok()) return 0;
  testing::may_refuse([&] {
    if (card.detector) Detector{*card.detector};
  });
  testing::may_refuse([&] {
    if (card.embedder) Embedder{*card.embedder};
  });
  testing::may_refuse([&] {
    if (card.landmarker) Landmarker{*card.landmarker};
  });
  return 0;
}
