#pragma once

#include "rostro/rotation.hpp"

namespace rostro {

/// The eigenvalues of a symmetric 3x3 matrix, falling, and its orthonormal eigenvectors.
struct Eigen3 {
  Vector3 values;
  std::array<Vector3, 3> vectors;
};

Eigen3 eigen_symmetric(const Matrix3& matrix);

}  // namespace rostro
