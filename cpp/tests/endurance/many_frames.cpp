// Many small frames through the halves of the tasks, with recorded outputs between them: prepare, a
// detector's outputs, finish, crops, an embedder's output, finish, tracker. After the first
// thousand frames nothing may be allocated, and the process may not grow.
//
//   rostro_many_frames [FRAMES]

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "rostro/detector.hpp"
#include "rostro/embedder.hpp"
#include "rostro/tracker.hpp"
#include "support/allocations.hpp"

using namespace rostro;

namespace {

constexpr int kSide = 64;
constexpr std::size_t kRecordings = 32, kDim = 16;
constexpr long kWarm = 1000;

/// What a network of YuNet's head gives for a frame: some faces, each at a cell of its own.
struct Recording {
  explicit Recording(std::size_t number) {
    for (const std::size_t columns : {1u, 1u, 4u, 10u}) {
      for (const std::size_t stride : {8u, 16u, 32u}) {
        const std::size_t cells = kSide / stride * (kSide / stride);
        arrays.emplace_back(cells * columns, 0.0f);
        for (std::size_t i = 0; columns == 10 && i < arrays.back().size(); ++i) {
          const float place[] = {-0.5f, -0.5f, 0.5f, -0.5f, 0, 0, -0.4f, 0.5f, 0.4f, 0.5f};
          arrays.back()[i] = place[i % 10];
        }
        views.push_back({nullptr, cells, columns});
      }
    }
    for (std::size_t face = 0; face < number % 5; ++face) {
      const std::size_t cell = (number + 13 * face) % 64;
      arrays[0][cell] = arrays[3][cell] = 0.9f;
    }
    for (std::size_t i = 0; i < arrays.size(); ++i) views[i].data = arrays[i].data();
  }

  std::vector<std::vector<float>> arrays;
  std::vector<OutputView> views;
};

class Frames {
 public:
  Frames() : pixels_(kSide * kSide * 3), embeddings_(4 * kDim) {
    for (std::size_t i = 0; i < pixels_.size(); ++i) {
      pixels_[i] = static_cast<std::uint8_t>(i * i % 251);
    }
    for (std::size_t i = 0; i < embeddings_.size(); ++i) {
      embeddings_[i] = i / kDim == i % kDim ? 1.0f : 0.1f;
    }
    for (std::size_t i = 0; i < kRecordings; ++i) recordings_.emplace_back(i);
  }

  void next() {
    const auto format = frame_ % 2 == 0 ? PixelFormat::bgr : PixelFormat::nv12;
    const int row = format == PixelFormat::bgr ? 3 * kSide : kSide;
    const ImageView image{pixels_.data(), {kSide, kSide}, row, format};
    const DetectorView view{0, 0, image.size, image.size, no_cuts_};
    detector_.prepare(image, view, input_.data());
    detector_.finish(view, recordings_[frame_ % kRecordings].views, faces_);
    seen += faces_.size();
    if (faces_.size() > 0) {
      embedder_.prepare(image, faces_, 0, faces_.size(), crops_.data(), nullptr);
      float* embeddings = faces_.add<float>(columns::embeddings, sides_);
      float* norms = faces_.add<float>(columns::norms);
      embedder_.finish({embeddings_.data(), faces_.size(), kDim}, faces_.size(), embeddings, norms);
    }
    tracker_.step(faces_, static_cast<double>(frame_++) / 30);
  }

  std::size_t seen = 0;

 private:
  static DetectorSettings detector_settings() {
    DetectorSettings settings{"finder", "yunet", {}};
    for (int i = 0; i < 12; ++i) settings.network_outputs.push_back(std::to_string(i));
    return settings;
  }
  static EmbedderSettings embedder_settings() {
    EmbedderSettings settings;
    settings.name = "knower";
    settings.dim = kDim;
    settings.size = {32, 32};
    return settings;
  }

  static constexpr float kNone = std::numeric_limits<float>::infinity();
  const std::array<float, 4> no_cuts_{-kNone, -kNone, kNone, kNone};
  std::vector<std::uint8_t> pixels_;
  std::vector<float> embeddings_;
  std::vector<Recording> recordings_;
  const std::vector<int> sides_{static_cast<int>(kDim)};
  const Detector detector_{detector_settings()};
  const Embedder embedder_{embedder_settings()};
  Tracker tracker_;
  std::vector<float> input_ = std::vector<float>(3 * kSide * kSide);
  std::vector<float> crops_ = std::vector<float>(4 * 3 * 32 * 32);
  Faces faces_;
  std::size_t frame_ = 0;
};

/// Of this process, in pages, as Linux tells it.
long resident_pages() {
  std::ifstream file("/proc/self/statm");
  long all = 0, resident = 0;
  file >> all >> resident;
  return resident;
}

}  // namespace

int main(int count, char** arguments) {
  const long frames = count > 1 ? std::atol(arguments[1]) : 50000;
  Frames stream;
  for (long i = 0; i < kWarm; ++i) stream.next();
  const long pages = resident_pages();
  const std::size_t allocations = testing::allocations();
  for (long i = kWarm; i < frames; ++i) stream.next();
  const std::size_t asked = testing::allocations() - allocations;
  const long grown = resident_pages() - pages;
  std::printf("%ld frames, %zu faces: %zu allocations after the first %ld, %ld pages more\n",
              frames, stream.seen, asked, kWarm, grown);
  return asked == 0 && grown <= 0 && stream.seen > 0 ? 0 : 1;
}
