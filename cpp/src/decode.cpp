#include "rostro/decode.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "dispatch.hpp"
#include "rostro/error.hpp"
#include "sorted_boxes.hpp"

namespace rostro {

namespace {

const std::vector<Head>& heads() {
  static const std::vector<Head> all = {
      {"yunet", Codec::yunet, {8, 16, 32}, 1, 32},
      {"scrfd", Codec::anchor_offset, {8, 16, 32}, 2, 32},
  };
  return all;
}

/// An anchor whose score reached the threshold.
struct Candidate {
  float score;
  std::uint32_t level;
  std::uint32_t anchor;
};

/// What a thread keeps from call to call.
struct Workspace {
  std::vector<std::uint32_t> indices;
  std::vector<float> scores;
  std::vector<Candidate> candidates;
  std::vector<std::uint64_t> keys;  ///< of the candidates, which stand in the order of the anchors
};

std::size_t anchors_of(const Head& head, std::size_t level, Size input) {
  const int stride = head.strides[level];
  return static_cast<std::size_t>(input.width / stride) *
         static_cast<std::size_t>(input.height / stride) * static_cast<std::size_t>(head.anchors);
}

/// One kind of output (scores, boxes, …) for every stride.
struct Outputs {
  const Head& head;
  const std::vector<OutputView>& views;

  const OutputView& at(std::size_t kind, std::size_t level) const {
    return views[kind * head.strides.size() + level];
  }

  std::size_t kinds() const { return views.size() / head.strides.size(); }

  void check(std::size_t kind, std::size_t columns, Size input) const {
    for (std::size_t level = 0; level < head.strides.size(); ++level) {
      const OutputView& view = at(kind, level);
      const std::size_t rows = anchors_of(head, level, input);
      if (view.rows == rows && view.columns == columns && view.data != nullptr) continue;
      throw InvalidArgument(
          "outputs[" + std::to_string(kind * head.strides.size() + level) + "]: (" +
          std::to_string(view.rows) + ", " + std::to_string(view.columns) + "); head \"" +
          std::string(head.name) + "\" wants (" + std::to_string(rows) + ", " +
          std::to_string(columns) + ") for stride " + std::to_string(head.strides[level]) +
          " and an input of " + std::to_string(input.width) + "x" + std::to_string(input.height));
    }
  }
};

void check_outputs(const Outputs& outputs, Size input) {
  const Head& head = outputs.head;
  const std::size_t strides = head.strides.size();
  const bool yunet = head.codec == Codec::yunet;
  const std::size_t given = outputs.views.size();
  if (yunet ? given != 4 * strides : given != 3 * strides && given != 2 * strides) {
    throw InvalidArgument("outputs: " + std::to_string(given) + " arrays; head \"" +
                          std::string(head.name) + "\" wants " +
                          (yunet ? "12: cls, obj, bbox, kps, each for strides 8, 16, 32"
                                 : "9: scores, boxes, points, each for strides 8, 16, 32 (or 6, "
                                   "without points)"));
  }
  if (input.width < 1 || input.height < 1 || input.width % head.size_step != 0 ||
      input.height % head.size_step != 0) {
    throw InvalidArgument("input_size: " + std::to_string(input.width) + "x" +
                          std::to_string(input.height) + "; head \"" + std::string(head.name) +
                          "\" wants sides that are multiples of " + std::to_string(head.size_step));
  }
  std::size_t kind = 0;
  outputs.check(kind++, 1, input);
  if (yunet) outputs.check(kind++, 1, input);
  outputs.check(kind++, 4, input);
  if (kind < outputs.kinds()) outputs.check(kind, 2 * kLandmarks, input);
}

/// Fills `work.candidates` with what reaches the threshold on every level.
void select(const Outputs& outputs, Size input, float threshold, Workspace& work) {
  const KernelTable& kernel = kernels();
  work.candidates.clear();
  for (std::uint32_t level = 0; level < outputs.head.strides.size(); ++level) {
    const std::size_t n = anchors_of(outputs.head, level, input);
    const std::size_t room = n + kSelectPadding;
    if (work.indices.size() < room) work.indices.resize(room);
    const float* scores = outputs.at(0, level).data;
    // What is decoded after the sort is fetched from memory during it.
    const std::size_t boxes_kind = outputs.head.codec == Codec::yunet ? 2 : 1;
    const auto take = [&](std::uint32_t anchor, float score) {
      work.candidates.push_back({score, level, anchor});
      for (std::size_t kind = boxes_kind; kind < outputs.kinds(); ++kind) {
        const OutputView& view = outputs.at(kind, level);
        const float* numbers = view.data + anchor * view.columns;
        __builtin_prefetch(numbers);
        __builtin_prefetch(numbers + view.columns - 1);
      }
    };
    std::size_t count = 0;
    if (outputs.head.codec == Codec::yunet) {
      if (work.scores.size() < room) work.scores.resize(room);
      count = kernel.select_products(scores, outputs.at(1, level).data, n, threshold,
                                     work.indices.data(), work.scores.data());
      for (std::size_t i = 0; i < count; ++i) take(work.indices[i], work.scores[i]);
    } else {
      count = kernel.select_scores(scores, n, threshold, work.indices.data());
      for (std::size_t i = 0; i < count; ++i) take(work.indices[i], scores[work.indices[i]]);
    }
  }
}

/// Writes a candidate's box (4 floats) and landmarks (10 floats, unless null).
struct Decoder {
  const Outputs& outputs;
  Size input;

  void operator()(const Candidate& candidate, float* box, float* landmarks) const {
    const Head& head = outputs.head;
    const int stride = head.strides[candidate.level];
    const float s = static_cast<float>(stride);
    const int cell = static_cast<int>(candidate.anchor) / head.anchors;
    const int columns = input.width / stride;
    const int cell_row = cell / columns;
    const float column = static_cast<float>(cell % columns);
    const float row = static_cast<float>(cell_row);
    const std::size_t boxes_kind = head.codec == Codec::yunet ? 2 : 1;
    const float* b = outputs.at(boxes_kind, candidate.level).data + 4 * candidate.anchor;
    if (head.codec == Codec::yunet) {
      const float x = (column + b[0]) * s;
      const float y = (row + b[1]) * s;
      const float half_width = std::exp(b[2]) * s * 0.5f;
      const float half_height = std::exp(b[3]) * s * 0.5f;
      box[0] = x - half_width;
      box[1] = y - half_height;
      box[2] = x + half_width;
      box[3] = y + half_height;
    } else {
      box[0] = (column - b[0]) * s;
      box[1] = (row - b[1]) * s;
      box[2] = (column + b[2]) * s;
      box[3] = (row + b[3]) * s;
    }
    if (landmarks == nullptr) return;
    const float* k =
        outputs.at(boxes_kind + 1, candidate.level).data + 2 * kLandmarks * candidate.anchor;
    for (int i = 0; i < kLandmarks; ++i) {
      landmarks[2 * i] = (column + k[2 * i]) * s;
      landmarks[2 * i + 1] = (row + k[2 * i + 1]) * s;
    }
  }
};

}  // namespace

const Head& find_head(std::string_view name) {
  std::string known;
  for (const Head& head : heads()) {
    if (head.name == name) return head;
    known += (known.empty() ? "\"" : ", \"") + std::string(head.name) + "\"";
  }
  throw InvalidArgument("head: \"" + std::string(name) + "\" is not known; known are " + known);
}

Detections decode(const Head& head, const std::vector<OutputView>& views, Size input,
                  float score_threshold, std::size_t top_k) {
  const Outputs outputs{head, views};
  check_outputs(outputs, input);
  if (!(score_threshold >= 0.0f && score_threshold <= 1.0f)) {
    throw InvalidArgument("score_threshold: " + std::to_string(score_threshold) +
                          "; a number from 0 to 1 is wanted");
  }
  thread_local Workspace work;
  select(outputs, input, score_threshold, work);

  auto& keys = work.keys;
  keys.clear();
  for (std::uint32_t i = 0; i < work.candidates.size(); ++i) {
    keys.push_back(rank_key(work.candidates[i].score, i));
  }
  if (keys.size() > top_k) {
    const auto end = keys.begin() + static_cast<std::ptrdiff_t>(top_k);
    std::nth_element(keys.begin(), end, keys.end());
    keys.erase(end, keys.end());
  }
  std::sort(keys.begin(), keys.end());

  const std::size_t n = keys.size();
  const bool with_landmarks = outputs.kinds() == (head.codec == Codec::yunet ? 4u : 3u);
  Detections found;
  found.boxes.resize(4 * n);
  found.scores.resize(n);
  if (with_landmarks) found.landmarks.resize(2 * kLandmarks * n);
  const Decoder decode_one{outputs, input};
  for (std::size_t i = 0; i < n; ++i) {
    const Candidate& candidate = work.candidates[ranked_index(keys[i])];
    found.scores[i] = candidate.score;
    decode_one(candidate, &found.boxes[4 * i],
               with_landmarks ? &found.landmarks[2 * kLandmarks * i] : nullptr);
  }
  return found;
}

}  // namespace rostro
