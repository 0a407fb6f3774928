// Prints all that some stages say of photos as JSON, a line each: tests/runtime/test_same_stages.py
// compares it with Python.
//
//   rostro_run_stages LIBRARY CARD.toml... -- PHOTO.ppm...
//
// The first card is a detector's. LIBRARY is ONNX Runtime's, or "ncnn". "landmarks:CARD.toml": its
// points become the landmarks. "follow:CARD.toml" in the end: by this embedder the photos are
// followed, as 20 frames a second.

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "rostro/runtime/followed_pipeline.hpp"
#include "rostro/runtime/ncnn.hpp"

using namespace rostro;
using Json = nlohmann::json;

namespace {

Json json_of(const Faces& faces) {
  Json all = {{"size", faces.size()}, {"scheme", faces.scheme}};
  faces.each([&](const Faces::Entry& entry) {
    std::visit([&](const auto& numbers) { all[entry.column.name] = numbers; }, entry.numbers);
  });
  return all;
}

/// Whether a text begins so; it is then cut off.
bool cut(std::string& text, const std::string& prefix) {
  if (text.rfind(prefix, 0) != 0) return false;
  text.erase(0, prefix.size());
  return true;
}

/// `library`: none for ncnn.
std::unique_ptr<Stage> opened(const std::shared_ptr<const OnnxRuntime>& library, std::string card) {
  StageOptions options;
  options.engine = library == nullptr ? Engine::ncnn : Engine::onnxruntime;
  options.landmarks = cut(card, "landmarks:");
  options.card = std::move(card);
  std::unique_ptr<Stage> stage;
  must(open_stage(library, options, stage));
  return stage;
}

int run(int count, char** arguments) {
  std::shared_ptr<const OnnxRuntime> library;
  if (arguments[1] != std::string("ncnn")) {
    must(open_onnxruntime(arguments[1], library));
  } else if (!has_ncnn()) {
    return 3;
  }
  std::unique_ptr<Stage> embedder;
  std::vector<std::unique_ptr<Stage>> stages;
  int i = 2;
  for (; i < count && std::string(arguments[i]) != "--"; ++i) {
    std::string card = arguments[i];
    const bool follows = cut(card, "follow:");
    std::unique_ptr<Stage> stage = opened(library, std::move(card));
    (follows ? embedder : stages.emplace_back()) = std::move(stage);
  }
  const bool follows = embedder != nullptr;
  FollowSettings settings;
  settings.embed_every = 0;
  FacePipeline pipeline(follows ? std::vector<std::unique_ptr<Stage>>() : std::move(stages));
  FollowedPipeline followed(std::move(stages), std::move(embedder), settings);
  double time = 0;
  Faces faces;
  for (++i; i < count; ++i) {
    std::ifstream file(arguments[i], std::ios::binary);
    std::string magic;
    Size size;
    int most = 0;
    file >> magic >> size.width >> size.height >> most;
    file.get();
    std::vector<char> pixels(std::size_t{3} * static_cast<std::size_t>(size.width) *
                             static_cast<std::size_t>(size.height));
    if (magic != "P6" || !file.read(pixels.data(), static_cast<std::streamsize>(pixels.size()))) {
      throw StatusError(StatusCode::not_found, arguments[i]);
    }
    const auto* first = reinterpret_cast<const std::uint8_t*>(pixels.data());
    const ImageView image{first, size, 3 * size.width, PixelFormat::rgb};
    must(follows ? followed.find(image, time += 0.05, faces) : pipeline.find(image, faces));
    std::printf("%s\n", json_of(faces).dump().c_str());
  }
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  try {
    return run(count, arguments);
  } catch (const StatusError& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
