// The faces of a photo, in words: where they are, how good they are, where they look, and which two
// are the most alike.
//
//   photo LIBRARY DETECTOR.toml EMBEDDER.toml PHOTO.jpg

#include <cstdio>
#include <fstream>
#include <iterator>

#include "jpeg.hpp"
#include "rostro/runtime/pipeline.hpp"

namespace {

void tell(const rostro::Faces& faces) {
  const float* box = faces.get(rostro::columns::boxes);
  const float* pose = faces.get(rostro::columns::poses);
  for (std::size_t i = 0; i < faces.size(); ++i, box += 4, pose += 3) {
    std::printf("face %zu: at %.0f, %.0f, %.0f x %.0f pixels, score %.2f, quality %.2f, ", i + 1,
                static_cast<double>(box[0]), static_cast<double>(box[1]),
                static_cast<double>(box[2] - box[0]), static_cast<double>(box[3] - box[1]),
                static_cast<double>(faces.get(rostro::columns::scores)[i]),
                static_cast<double>(faces.get(rostro::columns::quality)[i]));
    std::printf("turned by %.0f, up by %.0f, rolled by %.0f degrees\n",
                static_cast<double>(pose[0]), static_cast<double>(pose[1]),
                static_cast<double>(pose[2]));
  }
}

void tell_most_alike(const rostro::Faces& faces, std::size_t dim) {
  const float* embeddings = faces.get(rostro::columns::embeddings);
  double most = -2;
  std::size_t first = 0, second = 0;
  for (std::size_t i = 0; i < faces.size(); ++i) {
    for (std::size_t j = i + 1; j < faces.size(); ++j) {
      double similarity = 0;  // of unit vectors
      for (std::size_t k = 0; k < dim; ++k) {
        similarity += static_cast<double>(embeddings[i * dim + k] * embeddings[j * dim + k]);
      }
      if (similarity > most) {
        most = similarity;
        first = i;
        second = j;
      }
    }
  }
  if (faces.size() > 1) {
    std::printf("most alike: %zu and %zu, with a similarity of %.2f\n", first + 1, second + 1,
                most);
  }
}

int run(char** arguments) {
  std::ifstream file(arguments[4], std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
  std::vector<std::uint8_t> pixels;
  rostro::Size size;
  if (!JpegDecoder().decode(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(),
                            pixels, size)) {
    std::fprintf(stderr, "photo: %s: no JPEG\n", arguments[4]);
    return 1;
  }
  std::shared_ptr<const rostro::OnnxRuntime> library;
  std::unique_ptr<rostro::FacePipeline> pipeline;
  rostro::PipelineOptions options;
  options.detector = arguments[2];
  options.embedder = arguments[3];
  options.quality = options.head_pose = true;
  rostro::Card card;
  rostro::must(rostro::read_card(options.embedder, card, "embed"));
  rostro::must(rostro::open_onnxruntime(arguments[1], library));
  rostro::must(rostro::open_pipeline(library, options, pipeline));
  rostro::Faces faces;
  rostro::must(
      pipeline->find({pixels.data(), size, 3 * size.width, rostro::PixelFormat::rgb}, faces));
  tell(faces);
  tell_most_alike(faces, card.embedder->dim);
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 5) {
    std::fprintf(stderr, "usage: photo LIBRARY DETECTOR.toml EMBEDDER.toml PHOTO.jpg\n");
    return 2;
  }
  try {
    return run(arguments);
  } catch (const rostro::StatusError& error) {
    std::fprintf(stderr, "photo: %s\n", error.what());
    return 1;
  }
}
