#pragma once

#include <cstddef>
#include <vector>

#include "rostro/rotation.hpp"
#include "rostro/types.hpp"

namespace rostro {

/// What the parameters of a morphable face mean, as 3DDFA_V2 and SynergyNet give them (Guo et al.,
/// "Towards fast, accurate and stable 3D dense face alignment", 2020, section 2.1): a 3x4 matrix,
/// row by row, by which points of the face become pixels of the crop, x to the right, y up from
/// below its last row, z to the camera; then the weights of shapes and of expressions.
struct MorphableFace {
  /// The parameters are the network's numbers times `std` plus `mean`, of equal length.
  std::vector<float> mean, std;
  /// The mean face, x, y, z a point, and how each further parameter moves it: 3 points x
  /// (parameters - 12). Both empty: the pose alone is known.
  std::vector<float> base, basis;

  std::size_t points() const { return base.size() / 3; }
};

/// Throws InvalidArgument, which names it, for what does not go together.
void check_morphable(const MorphableFace& face);

/// The parameters of a face out of a network's numbers.
std::vector<double> morphable_parameters(const MorphableFace& face, const float* numbers);

/// The points of a face in pixels of its crop of `size`, x, y and depth, which is smaller nearer to
/// the camera.
void morphable_points(const MorphableFace& face, const std::vector<double>& parameters, Size size,
                      float* points);

/// How the face stands in the camera's frame: the nearest rotation to the matrix's first two rows,
/// made unit vectors, and their cross product. The identity where these say nothing.
Matrix3 morphable_rotation(const std::vector<double>& parameters);

}  // namespace rostro
