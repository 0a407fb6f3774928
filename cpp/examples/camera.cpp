// The faces that a camera sees, a line a frame: when, how many, and where.
//
//   camera LIBRARY DETECTOR.toml [/dev/video0 [FRAMES [WIDTH HEIGHT]]]

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "rostro/runtime/pipeline.hpp"
#include "v4l2_camera.hpp"

namespace {

void run(int count, char** arguments) {
  const long frames = count > 4 ? std::atol(arguments[4]) : -1;  // for ever
  rostro::Size size{640, 480};
  if (count > 6) size = {std::atoi(arguments[5]), std::atoi(arguments[6])};

  std::shared_ptr<const rostro::OnnxRuntime> library;
  std::unique_ptr<rostro::FacePipeline> pipeline;
  rostro::PipelineOptions options;
  options.detector = arguments[2];
  rostro::must(rostro::open_onnxruntime(arguments[1], library));
  rostro::must(rostro::open_pipeline(library, options, pipeline));

  Camera camera(count > 3 ? arguments[3] : "/dev/video0", size);
  std::fprintf(stderr, "camera: frames of %s\n", camera.format().c_str());
  rostro::Faces faces;
  const auto start = std::chrono::steady_clock::now();
  for (long frame = 0; frame != frames; ++frame) {
    rostro::must(pipeline->find(camera.next(), faces));
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
    std::printf("%.3f s: %zu faces", passed.count(), faces.size());
    const float* box = faces.get(rostro::columns::boxes);
    for (std::size_t i = 0; i < faces.size(); ++i, box += 4) {
      std::printf("; %.2f %.2f %.2f %.2f", static_cast<double>(box[0]), static_cast<double>(box[1]),
                  static_cast<double>(box[2]), static_cast<double>(box[3]));
    }
    std::printf("\n");
    std::fflush(stdout);
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 3) {
    std::fprintf(stderr,
                 "usage: camera LIBRARY DETECTOR.toml [/dev/video0 [FRAMES [WIDTH HEIGHT]]]\n");
    return 2;
  }
  try {
    run(count, arguments);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "camera: %s\n", error.what());
    return 1;
  }
}
