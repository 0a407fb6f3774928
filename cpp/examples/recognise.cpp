// From photos to faces, poses and embeddings, without Python: networks by ONNX Runtime's library,
// which is opened at run time. Prints a JSON line a photo, each number so that it reads back as it
// was, and what time and memory it took to the standard error.
//
//   recognise LIBRARY DETECTOR.toml EMBEDDER.toml PHOTO.ppm...
//
// Photos are binary PPM (P6), as `magick photo.jpg photo.ppm` writes them.

#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "rostro/runtime/pipeline.hpp"

namespace {

struct Photo {
  std::vector<std::uint8_t> pixels;
  rostro::Size size;
};

bool read_photo(const std::string& path, Photo& photo) {
  std::ifstream file(path, std::ios::binary);
  std::string magic;
  int most = 0;
  file >> magic >> photo.size.width >> photo.size.height >> most;
  if (!file || magic != "P6" || most != 255 || photo.size.width < 1 || photo.size.height < 1) {
    return false;
  }
  file.get();
  photo.pixels.resize(std::size_t{3} * static_cast<std::size_t>(photo.size.width) *
                      static_cast<std::size_t>(photo.size.height));
  file.read(reinterpret_cast<char*>(photo.pixels.data()),
            static_cast<std::streamsize>(photo.pixels.size()));
  return static_cast<bool>(file);
}

void print(const rostro::Faces& faces) {
  std::printf("{\"size\": %zu", faces.size());
  faces.each([](const rostro::Faces::Entry& entry) {
    const auto* numbers = std::get_if<std::vector<float>>(&entry.numbers);
    if (numbers == nullptr) return;
    std::printf(", \"%s\": [", entry.column.name.c_str());
    for (std::size_t i = 0; i < numbers->size(); ++i) {
      const double number = static_cast<double>((*numbers)[i]);
      // What JSON has no number for.
      number == number ? std::printf("%s%.9g", i == 0 ? "" : ", ", number)
                       : std::printf("%snull", i == 0 ? "" : ", ");
    }
    std::printf("]");
  });
  std::printf("}\n");
}

double milliseconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

/// Of this process, what of it is in memory, as Linux tells it: "VmRSS" now, "VmHWM" at most.
long kilobytes(const std::string& what) {
  std::ifstream status("/proc/self/status");
  std::string word;
  long number = 0;
  while (status >> word) {
    if (word == what + ":" && status >> number) break;
  }
  return number;
}

bool failed(const rostro::Status& status) {
  if (!status.ok()) std::fprintf(stderr, "recognise: %s\n", status.message.c_str());
  return !status.ok();
}

}  // namespace

int main(int count, char** arguments) {
  const auto start = std::chrono::steady_clock::now();
  if (count < 4) {
    std::fprintf(stderr, "usage: recognise LIBRARY DETECTOR.toml EMBEDDER.toml PHOTO.ppm...\n");
    return 2;
  }
  const long before = kilobytes("VmRSS");
  std::shared_ptr<const rostro::OnnxRuntime> library;
  if (failed(rostro::open_onnxruntime(arguments[1], library))) return 1;
  const long with_library = kilobytes("VmRSS");
  rostro::PipelineOptions options;
  options.detector = arguments[2];
  options.embedder = arguments[3];
  options.quality = options.head_pose = true;
  std::unique_ptr<rostro::FacePipeline> pipeline;
  if (failed(rostro::open_pipeline(library, options, pipeline))) return 1;
  const double loaded = milliseconds_since(start);
  const long with_networks = kilobytes("VmRSS");

  double first = 0;
  rostro::Faces faces;
  Photo photo;
  for (int i = 4; i < count; ++i) {
    if (!read_photo(arguments[i], photo)) {
      std::fprintf(stderr, "recognise: %s: no binary PPM\n", arguments[i]);
      return 1;
    }
    const rostro::ImageView image{photo.pixels.data(), photo.size, 3 * photo.size.width,
                                  rostro::PixelFormat::rgb};
    if (failed(pipeline->find(image, faces))) return 1;
    if (i == 4) first = milliseconds_since(start) - loaded;
    print(faces);
  }
  std::fprintf(
      stderr,
      "{\"loaded_ms\": %.1f, \"first_ms\": %.1f, \"program_kb\": %ld, \"library_kb\": %ld, "
      "\"networks_kb\": %ld, \"rss_kb\": %ld, \"peak_kb\": %ld}\n",
      loaded, first, before, with_library, with_networks, kilobytes("VmRSS"), kilobytes("VmHWM"));
  return 0;
}
