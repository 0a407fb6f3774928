// Cards and recorded networks of two faces, for tests of pipelines.

#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "rostro/runtime/pipeline.hpp"
#include "rostro/runtime/recorded_network.hpp"

namespace rostro::testing {

inline constexpr int kWidth = 320, kHeight = 192;
inline constexpr std::size_t kDim = 8;

/// A card of SCRFD's head; its network finds two faces.
inline Card detector_card() {
  Card card;
  card.name = "finder";
  card.task = "detect";
  card.inputs = {"image"};
  card.outputs = {"s8", "s16", "s32", "b8", "b16", "b32", "k8", "k16", "k32"};
  DetectorSettings settings;
  settings.name = card.name;
  settings.head = "scrfd";
  settings.network_outputs = card.outputs;
  card.detector = settings;
  return card;
}

inline Recording found_faces(const Card& card, float value = 2.0f) {
  Recording recording;
  recording.inputs = {{"image", {1, 3, kHeight, kWidth}, {}}};
  std::size_t i = 0;
  for (const std::size_t columns : {1u, 4u, 10u}) {
    for (const int stride : {8, 16, 32}) {
      const std::int64_t anchors = 2 * (kWidth / stride) * (kHeight / stride);
      std::vector<float> numbers(static_cast<std::size_t>(anchors) * columns,
                                 columns == 1 ? 0.0f : value);
      // Points that are apart, as a face's are.
      for (std::size_t k = 0; columns == 10 && k < numbers.size(); ++k) {
        const float place[] = {-1, -1, 1, -1, 0, 0, -0.7f, 1, 0.7f, 1};
        numbers[k] = place[k % 10];
      }
      if (columns == 1 && stride == 16) numbers[100] = 0.9f, numbers[150] = 0.8f;
      recording.outputs.push_back({card.outputs[i++],
                                   {1, anchors, static_cast<std::int64_t>(columns)},
                                   std::move(numbers)});
    }
  }
  return recording;
}

inline Card embedder_card() {
  Card card;
  card.name = "knower";
  card.task = "embed";
  card.inputs = {"crops"};
  card.outputs = {"embedding"};
  card.embedding = "embedding";
  EmbedderSettings settings;
  settings.name = card.name;
  settings.dim = kDim;
  card.embedder = settings;
  return card;
}

inline Recording embeddings(std::int64_t rows, float value = 1.0f) {
  std::vector<float> numbers(static_cast<std::size_t>(rows) * kDim, value);
  return {{{"crops", {rows, 3, 112, 112}, {}}},
          {{"embedding", {rows, static_cast<std::int64_t>(kDim)}, std::move(numbers)}}};
}

inline std::unique_ptr<Network> recorded(std::vector<Recording> recordings) {
  return std::make_unique<RecordedNetwork>(std::move(recordings));
}

struct Frame {
  Frame() : pixels(std::size_t{3} * kWidth * kHeight) {
    for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(i % 251);
  }
  ImageView view() const {
    return {pixels.data(), {kWidth, kHeight}, 3 * kWidth, PixelFormat::bgr};
  }
  std::vector<std::uint8_t> pixels;
};

}  // namespace rostro::testing
