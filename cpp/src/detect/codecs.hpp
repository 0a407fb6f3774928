#pragma once

#include "detect/head_frame.hpp"
#include "detect/select_anchors.hpp"

// One codec a file: decode_<codec>.cpp.
namespace rostro {

/// Writes the box of an anchor, 4 floats, and its landmarks, 10 floats, unless null.
using CodecFn = void (*)(const HeadFrame& frame, const Anchor& anchor, float* box,
                         float* landmarks);

void decode_anchor_offset(const HeadFrame& frame, const Anchor& anchor, float* box,
                          float* landmarks);
void decode_prior(const HeadFrame& frame, const Anchor& anchor, float* box, float* landmarks);
void decode_yunet(const HeadFrame& frame, const Anchor& anchor, float* box, float* landmarks);
void decode_heat_map(const HeadFrame& frame, const Anchor& anchor, float* box, float* landmarks);
void decode_blazeface(const HeadFrame& frame, const Anchor& anchor, float* box, float* landmarks);
void decode_rows(const HeadFrame& frame, const Anchor& anchor, float* box, float* landmarks);
void decode_dfl(const HeadFrame& frame, const Anchor& anchor, float* box, float* landmarks);

/// Of Codec::proposal: fills the table with those of the candidates, best first, that are a face
/// before the camera.
void decode_proposals(const HeadFrame& frame, const std::vector<Candidate>& candidates,
                      const PoseScale& scale, Faces& found);

/// Writes yaw, pitch and roll of an anchor, for heads that have them.
void decode_pose(const HeadFrame& frame, const Anchor& anchor, float* pose);

/// A box from its centre and its size.
inline void put_box(float x, float y, float width, float height, float* box) {
  box[0] = x - 0.5f * width;
  box[1] = y - 0.5f * height;
  box[2] = x + 0.5f * width;
  box[3] = y + 0.5f * height;
}

}  // namespace rostro
