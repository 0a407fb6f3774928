#include "rostro/decode.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "detect/codecs.hpp"
#include "detect/select_anchors.hpp"
#include "rostro/error.hpp"

namespace rostro {

namespace {

CodecFn codec_of(const Head& head) {
  switch (head.codec) {
    case Codec::anchor_offset:
      return decode_anchor_offset;
    case Codec::prior:
      return decode_prior;
    case Codec::yunet:
      return decode_yunet;
    case Codec::heat_map:
      return decode_heat_map;
    case Codec::blazeface:
      return decode_blazeface;
    case Codec::rows:
      return decode_rows;
    case Codec::dfl:
      return decode_dfl;
  }
  throw InvalidArgument("head: no such codec");
}

}  // namespace

void decode(const Head& head, const std::vector<OutputView>& outputs, Size input,
            float score_threshold, std::size_t top_k, Detections& found) {
  const HeadFrame frame(head, outputs, input);
  if (!(score_threshold >= 0.0f && score_threshold <= 1.0f)) {
    throw InvalidArgument("score_threshold: " + std::to_string(score_threshold) +
                          "; a number from 0 to 1 is wanted");
  }
  thread_local SelectWorkspace work;
  select_anchors(frame, score_threshold, work);
  auto& candidates = work.candidates;
  if (candidates.size() > top_k) {
    const auto end = candidates.begin() + static_cast<std::ptrdiff_t>(top_k);
    std::nth_element(candidates.begin(), end, candidates.end());
    candidates.erase(end, candidates.end());
  }
  std::sort(candidates.begin(), candidates.end());

  const std::size_t n = candidates.size();
  const bool with_landmarks = has_landmarks(head, outputs.size());
  const bool with_poses = has_poses(head);
  found.boxes.resize(4 * n);
  found.scores.resize(n);
  found.landmarks.resize(with_landmarks ? 2 * kLandmarks * n : 0);
  found.poses.resize(with_poses ? 3 * n : 0);
  const CodecFn decode_one = codec_of(head);
  for (std::size_t i = 0; i < n; ++i) {
    const Anchor anchor = frame.anchor(anchor_number(candidates[i]));
    found.scores[i] = score_of(candidates[i]);
    decode_one(frame, anchor, &found.boxes[4 * i],
               with_landmarks ? &found.landmarks[2 * kLandmarks * i] : nullptr);
    if (with_poses) decode_pose(frame, anchor, &found.poses[3 * i]);
  }
}

Detections decode(const Head& head, const std::vector<OutputView>& outputs, Size input,
                  float score_threshold, std::size_t top_k) {
  Detections found;
  decode(head, outputs, input, score_threshold, top_k, found);
  return found;
}

std::size_t find_nan(const std::vector<OutputView>& outputs) {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const float* data = outputs[i].data;
    const std::size_t n = outputs[i].planes * outputs[i].rows * outputs[i].columns;
    unsigned bad = 0;  // counted rather than left early, which would not be vectorised
    for (std::size_t j = 0; j < n; ++j) bad += std::isnan(data[j]) ? 1u : 0u;
    if (bad > 0) return i;
  }
  return outputs.size();
}

}  // namespace rostro
