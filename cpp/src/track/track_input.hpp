#pragma once

#include "rostro/tracker.hpp"

namespace rostro {

/// Throws InvalidArgument for settings that are out of range or do not go together.
void check_settings(const TrackerSettings& settings);

/// Throws InvalidArgument for faces that cannot be followed, see `Tracker::step`. `dim`: of the
/// embeddings before, 0 where there were none.
void check_input(const TrackInput& faces, std::size_t dim);

/// The scale of a motion; throws InvalidArgument for one that cannot be undone.
double checked_scale(const Affine& motion);

/// Whether an embedding is there: it is not all zeros.
bool is_embedded(const float* embedding, std::size_t dim);

}  // namespace rostro
