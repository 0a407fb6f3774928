#pragma once

#include <cstdint>
#include <vector>

#include "detect/head_frame.hpp"

namespace rostro {

/// An anchor's number and its score as one integer: the better, the smaller; among equal scores the
/// earlier anchor first.
using Candidate = std::uint64_t;

std::size_t anchor_number(Candidate candidate);
float score_of(Candidate candidate);

/// What a thread keeps from call to call.
struct SelectWorkspace {
  std::vector<std::uint32_t> indices;
  std::vector<float> scores;
  std::vector<Candidate> candidates;
};

/// Fills `work.candidates` with the anchors whose score reaches the threshold.
void select_anchors(const HeadFrame& frame, float threshold, SelectWorkspace& work);

}  // namespace rostro
