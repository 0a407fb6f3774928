#include <math.h>

#include "kernels/levels.hpp"

namespace rostro::scalar {

namespace {

/// Adds w J^T J and w J^T r of one residual to the sums.
void add(const double* jacobian, double residual, double weight, double* sums) {
  for (int i = 0, at = 0; i < 6; ++i) {
    const double weighted = weight * jacobian[i];
    for (int j = i; j < 6; ++j) sums[at++] += weighted * jacobian[j];
    sums[21 + i] += weighted * residual;
  }
}

}  // namespace

void pose_sums(const PosePoints& points, const PoseGuess& pose, double* sums) {
  double total[kPoseSums] = {};
  const double* m = pose.rotation;
  for (size_t i = 0; i < points.count; ++i) {
    const double x = points.x[i], y = points.y[i], z = points.z[i];
    const double qx = m[0] * x + m[1] * y + m[2] * z;
    const double qy = m[3] * x + m[4] * y + m[5] * z;
    const double qz = m[6] * x + m[7] * y + m[8] * z;
    const double depth = qz + pose.translation[2];
    const double near = 1 / (depth > kLeastDepth ? depth : kLeastDepth);
    const double a = (qx + pose.translation[0]) * near, b = (qy + pose.translation[1]) * near;
    const double ru = pose.fx * a - points.u[i], rv = pose.fy * b - points.v[i];
    const double error = sqrt(ru * ru + rv * rv);
    const double e = error > 1e-12 ? error : 1e-12;
    const double k = e < pose.huber ? e : pose.huber;
    const double weight = points.weight[i] * (k / e);
    const double fu = pose.fx * near, fv = pose.fy * near;
    const double ju[6] = {fu * -(qy * a), fu * (qz + qx * a), fu * -qy, fu, 0, fu * -a};
    const double jv[6] = {fv * -(qz + qy * b), fv * (qx * b), fv * qx, 0, fv, fv * -b};
    add(ju, ru, weight, total);
    add(jv, rv, weight, total);
    total[27] += points.weight[i] * k * (2 * e - k);
  }
  for (int i = 0; i < kPoseSums; ++i) sums[i] = total[i];
}

}  // namespace rostro::scalar
