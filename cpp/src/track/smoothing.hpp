#pragma once

#include "track/tracks.hpp"

namespace rostro {

/// Writes the smoothed box and landmarks of a track's face, entry `index` of the frame's.
/// `seconds`: since the face was last seen.
void smooth(Track& track, std::size_t index, double seconds, const TrackInput& input,
            const TrackOutput& out, const TrackerSettings& settings);

/// Moves what is smoothed with the camera.
void follow_camera(Track& track, const Affine& camera, double scale);

}  // namespace rostro
