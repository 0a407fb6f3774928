#pragma once

#include <optional>

#include "rostro/detector.hpp"

namespace rostro {

inline Turn turn_of(const DetectorView& view) { return view.turn.value_or(Turn::none); }

/// The size of an image that is turned.
Size turned(Size size, Turn turn);

/// Turns the content, in the top-left corner of three planes of `size`, one after the other, into
/// the top-left corner of planes of the turned size; the rest is padded as it was. The network so
/// sees what it would see of an image that somebody had turned.
void turn_planes(const float* planes, Size size, Size content, Turn turn, float* out);

/// Says in the attribute "turn" by how many degrees the image was turned for the faces.
void tell_turn(Faces& faces, Turn turn);

}  // namespace rostro
