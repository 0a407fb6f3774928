// What says that it is thread-safe, in several threads at once: under ThreadSanitizer, and for
// equal results. Pipelines, networks and galleries have tests like these beside their own.

#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "rostro/detector.hpp"
#include "rostro/embedder.hpp"
#include "rostro/match.hpp"
#include "rostro/simd.hpp"
#include "rostro/tracker.hpp"

using namespace rostro;

namespace {

/// How many of three threads at once got what `expected` says.
template <typename Run, typename Result>
int right_at_once(const Run& run, const Result& expected) {
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) threads.emplace_back([&] { right += run() == expected; });
  for (std::thread& thread : threads) thread.join();
  return right;
}

std::vector<std::uint8_t> bytes(std::size_t count) {
  std::vector<std::uint8_t> made(count);
  for (std::size_t i = 0; i < count; ++i) made[i] = static_cast<std::uint8_t>(i * i % 251);
  return made;
}

}  // namespace

TEST_CASE("threads: one search of several threads beside others") {
  constexpr std::size_t rows = 3000, dim = 32;
  std::vector<float> embeddings(rows * dim);
  for (std::size_t i = 0; i < embeddings.size(); ++i) {
    embeddings[i] = static_cast<float>(i * i % 127) - 60;
  }
  std::vector<std::int8_t> codes(rows * dim);
  std::vector<float> scales(rows);
  quantize_embeddings(embeddings.data(), rows, dim, codes.data(), scales.data());
  const Templates templates{codes.data(), scales.data(), rows, dim};
  const Templates queries{codes.data(), scales.data(), 4, dim};
  const auto search = [&](int threads) {
    return search_int8(templates, queries, 5, {nullptr, threads}).indices;
  };
  CHECK(right_at_once([&] { return search(3); }, search(1)) == 3);
}

TEST_CASE("threads: a detector and an embedder that several use, while the level is changed") {
  const Detector detector(
      {"finder", "yunet", {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"}});
  EmbedderSettings settings;
  settings.name = "knower";
  settings.dim = 4;
  const Embedder embedder(settings);
  const std::vector<std::uint8_t> pixels = bytes(3 * 160 * 96);
  const ImageView image{pixels.data(), {160, 96}, 3 * 160, PixelFormat::bgr};
  std::vector<float> numbers(4 * 160 * 96 / 64, 0.75f), points;
  for (int i = 0; i < 10 * 160 * 96 / 64; ++i) points.push_back(static_cast<float>(i * i % 5));
  const auto run = [&] {
    const DetectorView view = detector.views(image)[0];
    std::vector<float> tensor(3 * 160 * 96);
    detector.prepare(image, view, tensor.data());
    std::vector<OutputView> outputs;
    for (const std::size_t columns : {1u, 1u, 4u, 10u}) {
      for (const std::size_t stride : {8u, 16u, 32u}) {
        const float* data = (columns == 10 ? points : numbers).data();
        outputs.push_back({data, 160 * 96 / stride / stride, columns});
      }
    }
    const Faces faces = detector.finish(view, outputs);
    std::vector<float> crops(3 * 112 * 112 * faces.size());
    embedder.prepare(image, faces, 0, faces.size(), crops.data(), nullptr);
    tensor.insert(tensor.end(), crops.begin(), crops.end());
    return tensor;
  };
  const std::vector<float> expected = run();
  REQUIRE(expected.size() > 3 * 160 * 96);
  const auto levels = simd::levels();
  std::atomic<bool> done{false};
  std::thread changes([&] {
    for (std::size_t i = 0; !done; ++i) simd::use(levels[i % levels.size()]);
  });
  // Levels may differ in a number's last bits; sizes tell that the same faces came out.
  CHECK(right_at_once([&] { return run().size(); }, expected.size()) == 3);
  done = true;
  changes.join();
  simd::use(levels.back());
}

TEST_CASE("threads: a tracker each") {
  const auto run = [] {
    Tracker tracker;
    std::vector<std::int64_t> seen;
    for (int frame = 0; frame < 60; ++frame) {
      const float x = static_cast<float>(frame);
      const float boxes[] = {x, 0, x + 40, 50, 300 - x, 100, 340 - x, 150};
      const float scores[] = {0.9f, 0.8f};
      std::int64_t ids[2] = {};
      tracker.step({2, boxes, scores}, frame / 30.0, nullptr, {ids});
      seen.insert(seen.end(), ids, ids + 2);
    }
    return seen;
  };
  CHECK(right_at_once(run, run()) == 3);
}
