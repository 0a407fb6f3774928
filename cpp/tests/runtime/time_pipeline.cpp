// Times the pipeline on one frame, and its networks within it: what benchmarks/runtime.py runs.
//
//   rostro_time_pipeline LIBRARY DETECTOR.toml EMBEDDER.toml WIDTH HEIGHT FRAMES < PIXELS
//
// PIXELS are BGR. Prints a line a frame: milliseconds in all, of the networks, and of filling as
// many bytes with zeros as the detector's input has, which no way to make that input can undercut;
// and the number of faces.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "rostro/runtime/pipeline.hpp"
#include "rostro/runtime/weights.hpp"

using namespace rostro;
using Clock = std::chrono::steady_clock;

namespace {

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// A network that adds up how long its runs take.
class Timed : public Network {
 public:
  Timed(std::unique_ptr<Network> network, double& milliseconds)
      : Network(network->name(), network->inputs(), network->outputs()),
        network_(std::move(network)),
        milliseconds_(milliseconds) {}

 private:
  void compute(const std::vector<Tensor>& inputs, std::vector<Tensor>& outputs) override {
    const auto start = Clock::now();
    must(network_->run(inputs, outputs));
    milliseconds_ += milliseconds_since(start);
  }

  std::unique_ptr<Network> network_;
  double& milliseconds_;
};

std::unique_ptr<Network> loaded(const std::shared_ptr<const OnnxRuntime>& library, const Card& card,
                                double& milliseconds) {
  std::string file;
  must(find_weights(card, file));
  OnnxOptions options;
  options.outputs = card.outputs;
  std::unique_ptr<Network> network;
  must(open_network(library, file, options, network));
  return std::make_unique<Timed>(std::move(network), milliseconds);
}

int run(char** arguments) {
  std::shared_ptr<const OnnxRuntime> library;
  must(open_onnxruntime(arguments[1], library));
  double networks = 0;
  Card detector, embedder;
  must(read_card(arguments[2], detector, "detect"));
  must(read_card(arguments[3], embedder, "embed"));
  std::vector<std::unique_ptr<Stage>> stages(2);
  must(make_detector(detector, loaded(library, detector, networks), stages[0]));
  must(make_embedder(embedder, loaded(library, embedder, networks), stages[1]));
  FacePipeline pipeline(std::move(stages));

  const Size size = {std::atoi(arguments[4]), std::atoi(arguments[5])};
  std::vector<std::uint8_t> pixels(std::size_t{3} * static_cast<std::size_t>(size.width) *
                                   static_cast<std::size_t>(size.height));
  if (std::fread(pixels.data(), 1, pixels.size(), stdin) != pixels.size()) return 2;
  const ImageView image{pixels.data(), size, 3 * size.width, PixelFormat::bgr};
  Faces faces;
  must(pipeline.find(image, faces));
  std::vector<float> input(pixels.size());  // of this size, where it is no larger than 640x640
  for (int frame = std::atoi(arguments[6]); frame > 0; --frame) {
    networks = 0;
    auto start = Clock::now();
    must(pipeline.find(image, faces));
    const double all = milliseconds_since(start);
    start = Clock::now();
    std::memset(input.data(), 0, input.size() * sizeof(float));
    std::printf("%.4f %.4f %.4f %zu\n", all, networks, milliseconds_since(start), faces.size());
  }
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 7) return 2;
  try {
    return run(arguments);
  } catch (const StatusError& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
