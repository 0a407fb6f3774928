#include "geometry/eigen3.hpp"

#include <algorithm>
#include <cmath>

namespace rostro {

// Jacobi's rotations: each makes one pair of elements beside the diagonal 0, and few sweeps over
// the three pairs leave nothing (Golub and Van Loan, "Matrix computations", section 8.5).
Eigen3 eigen_symmetric(const Matrix3& matrix) {
  Matrix3 a = matrix;
  Matrix3 v = kIdentity;
  for (int sweep = 0; sweep < 20; ++sweep) {
    const double beside = a[1] * a[1] + a[2] * a[2] + a[5] * a[5];
    const double on = a[0] * a[0] + a[4] * a[4] + a[8] * a[8];
    if (beside <= 1e-34 * on) break;
    for (std::size_t p = 0; p < 2; ++p) {
      for (std::size_t q = p + 1; q < 3; ++q) {
        const double element = a[3 * p + q];
        if (element == 0) continue;
        const double tau = (a[3 * q + q] - a[3 * p + p]) / (2 * element);
        const double t = (tau >= 0 ? 1 : -1) / (std::abs(tau) + std::sqrt(1 + tau * tau));
        const double c = 1 / std::sqrt(1 + t * t), s = t * c;
        const auto turn = [&](double& x, double& y) {
          const double before = x;
          x = c * before - s * y;
          y = s * before + c * y;
        };
        for (std::size_t k = 0; k < 3; ++k) turn(a[3 * k + p], a[3 * k + q]);
        for (std::size_t k = 0; k < 3; ++k) turn(a[3 * p + k], a[3 * q + k]);
        for (std::size_t k = 0; k < 3; ++k) turn(v[3 * k + p], v[3 * k + q]);
      }
    }
  }
  std::array<std::size_t, 3> order = {0, 1, 2};
  std::sort(order.begin(), order.end(),
            [&](std::size_t i, std::size_t j) { return a[4 * i] > a[4 * j]; });
  Eigen3 result;
  for (std::size_t n = 0; n < 3; ++n) {
    const std::size_t i = order[n];
    result.values[n] = a[4 * i];
    result.vectors[n] = {v[i], v[3 + i], v[6 + i]};
  }
  return result;
}

}  // namespace rostro
