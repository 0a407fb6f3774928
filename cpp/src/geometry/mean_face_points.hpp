#pragma once

// Millimetres, in the frame that mean_faces.hpp describes.
namespace rostro {

extern const float kFiveFace[5][3];
extern const float kIbug68Face[68][3];
extern const float kWflw98Face[98][3];
extern const float kMesh478Face[478][3];
extern const float kJd106Face[106][3];

}  // namespace rostro
