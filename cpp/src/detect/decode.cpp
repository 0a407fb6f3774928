#include "rostro/decode.hpp"

#include <algorithm>

#include "detect/codecs.hpp"
#include "detect/select_anchors.hpp"
#include "support/finite.hpp"
#include "support/message.hpp"

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
    case Codec::proposal:
      break;  // decode_proposals
  }
  throw InvalidArgument("head: no such codec");
}

}  // namespace

void decode(const Head& head, const std::vector<OutputView>& outputs, Size input,
            float score_threshold, std::size_t top_k, Faces& found, const PoseScale& scale) {
  const HeadFrame frame(head, outputs, input);
  if (!(score_threshold >= 0.0f && score_threshold <= 1.0f)) {
    throw wrong("score_threshold", score_threshold, "a number from 0 to 1 is wanted");
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

  if (head.codec == Codec::proposal) {
    decode_proposals(frame, candidates, scale, found);
    return;
  }
  const std::size_t n = candidates.size();
  found.reset(n);
  float* boxes = found.add<float>(columns::boxes);
  float* scores = found.add<float>(columns::scores);
  float* landmarks =
      has_landmarks(head, outputs.size()) ? found.add<float>(columns::landmarks) : nullptr;
  float* poses = has_poses(head) ? found.add<float>(columns::poses) : nullptr;
  const CodecFn decode_one = codec_of(head);
  for (std::size_t i = 0; i < n; ++i) {
    const Anchor anchor = frame.anchor(anchor_number(candidates[i]));
    scores[i] = score_of(candidates[i]);
    decode_one(frame, anchor, boxes + 4 * i,
               landmarks == nullptr ? nullptr : landmarks + 2 * kLandmarks * i);
    if (poses != nullptr) decode_pose(frame, anchor, poses + 3 * i);
  }
}

Faces decode(const Head& head, const std::vector<OutputView>& outputs, Size input,
             float score_threshold, std::size_t top_k, const PoseScale& scale) {
  Faces found;
  decode(head, outputs, input, score_threshold, top_k, found, scale);
  return found;
}

std::size_t find_not_finite(const std::vector<OutputView>& outputs) {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const float* data = outputs[i].data;
    const std::size_t n = outputs[i].planes * outputs[i].rows * outputs[i].columns;
    if (!all_finite(data, n)) return i;
  }
  return outputs.size();
}

}  // namespace rostro
