#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "rostro/rotation.hpp"

namespace rostro {

/// The mean face of grown persons, as points of a scheme: metres in the frame of the face, whose
/// origin lies between the centers of the eyes, x to the image's right, y down, z into the head. A
/// face with the identity as rotation looks straight into the camera, as 300W-LP's labels have it:
/// the chin's tip is then below the origin and 5 mm nearer. The eyes' centers are 63 mm apart, as
/// they are on average (Dodgson, "Variation and extrema of human interpupillary distance", 2004):
/// distances of a person whose eyes are 3 mm closer come out 5 % too large.
///
/// The schemes: "five" (the landmarks of a detector), "ibug68", "ibug66", "wflw98", "jd106",
/// "mesh468", "mesh478". Throws InvalidArgument with these names for another one.
std::vector<Vector3> mean_face(std::string_view scheme);

/// The same into a vector that is kept from call to call, which then allocates nothing.
void mean_face(std::string_view scheme, std::vector<Vector3>& face);

/// Whether there is one.
bool has_mean_face(std::string_view scheme);

}  // namespace rostro
