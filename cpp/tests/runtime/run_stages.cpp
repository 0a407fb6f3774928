// Prints all that some stages say of photos as JSON, a line each: tests/runtime/test_same_stages.py
// compares it with Python.
//
//   rostro_run_stages LIBRARY CARD.toml... -- PHOTO.ppm...
//
// The first card is a detector's. "landmarks:CARD.toml": its points become the landmarks.

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "rostro/runtime/pipeline.hpp"

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

std::unique_ptr<Stage> opened(const std::shared_ptr<const OnnxRuntime>& library, std::string card) {
  const std::string prefix = "landmarks:";
  StageOptions options;
  options.landmarks = card.rfind(prefix, 0) == 0;
  options.card = options.landmarks ? card.substr(prefix.size()) : std::move(card);
  std::unique_ptr<Stage> stage;
  must(open_stage(library, options, stage));
  return stage;
}

int run(int count, char** arguments) {
  std::shared_ptr<const OnnxRuntime> library;
  must(open_onnxruntime(arguments[1], library));
  std::vector<std::unique_ptr<Stage>> stages;
  int i = 2;
  for (; i < count && std::string(arguments[i]) != "--"; ++i) {
    stages.push_back(opened(library, arguments[i]));
  }
  FacePipeline pipeline(std::move(stages));
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
    must(pipeline.find({first, size, 3 * size.width, PixelFormat::rgb}, faces));
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
