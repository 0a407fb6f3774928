#include "geometry/pose_start.hpp"

#include <cmath>
#include <complex>

#include "geometry/eigen3.hpp"
#include "geometry/vectors.hpp"

namespace rostro {

namespace {

Vector3 point(const PosePoints& points, std::size_t i) {
  return {points.x[i], points.y[i], points.z[i]};
}

/// A rotation that turns the z axis to the pixel (u, v).
Matrix3 look_at(double u, double v, const Camera& camera) {
  const double x = u / camera.fx, y = v / camera.fy;
  const double long_ = std::sqrt(x * x + y * y + 1), flat = std::sqrt(x * x + 1);
  const Vector3 ahead = {x / long_, y / long_, 1 / long_};
  const Vector3 right = {1 / flat, 0, -x / flat};
  const Vector3 down = cross(ahead, right);
  return {right[0], down[0], ahead[0], right[1], down[1], ahead[1], right[2], down[2], ahead[2]};
}

}  // namespace

PlanarModel planar_model(const PosePoints& points) {
  double sum = 0;
  PlanarModel model = {};
  for (std::size_t i = 0; i < points.count; ++i) {
    sum += points.weight[i];
    for (std::size_t k = 0; k < 3; ++k) model.center[k] += points.weight[i] * point(points, i)[k];
  }
  for (double& coordinate : model.center) coordinate /= sum;
  Matrix3 squares = {};
  for (std::size_t i = 0; i < points.count; ++i) {
    const Vector3 p = point(points, i);
    for (std::size_t j = 0; j < 3; ++j) {
      for (std::size_t k = 0; k < 3; ++k) {
        squares[3 * j + k] +=
            points.weight[i] * (p[j] - model.center[j]) * (p[k] - model.center[k]);
      }
    }
  }
  const Eigen3 eigen = eigen_symmetric(squares);
  model.axes = {eigen.vectors[0], eigen.vectors[1], cross(eigen.vectors[0], eigen.vectors[1])};
  model.squares = eigen.values;
  return model;
}

// Seen by a camera that looks at the points' middle, where weak perspective is the least wrong. The
// image of the plane's two axes, I and J, is a least squares fit; what they have across the plane
// makes them as long as each other and perpendicular: (a + i b)^2 = |J|^2 - |I|^2 - 2 i I.J. Both
// signs of the root do.
PoseStarts pose_starts(const PosePoints& points, const PlanarModel& model, const Camera& camera) {
  double sum = 0, u = 0, v = 0;
  for (std::size_t i = 0; i < points.count; ++i) {
    sum += points.weight[i];
    u += points.weight[i] * points.u[i];
    v += points.weight[i] * points.v[i];
  }
  const Matrix3 view = look_at(u / sum, v / sum, camera), back = transpose(view);
  double at[2] = {}, image[2][2] = {};
  for (std::size_t i = 0; i < points.count; ++i) {
    const Vector3 ray =
        multiply(back, Vector3{points.u[i] / camera.fx, points.v[i] / camera.fy, 1});
    const Vector3 p = point(points, i);
    const Vector3 centered = {p[0] - model.center[0], p[1] - model.center[1],
                              p[2] - model.center[2]};
    for (std::size_t k = 0; k < 2; ++k) {
      const double seen = points.weight[i] * ray[k] / ray[2];
      at[k] += seen / sum;
      image[k][0] += seen * dot(centered, model.axes[0]) / model.squares[0];
      image[k][1] += seen * dot(centered, model.axes[1]) / model.squares[1];
    }
  }
  const double ii = image[0][0] * image[0][0] + image[0][1] * image[0][1];
  const double jj = image[1][0] * image[1][0] + image[1][1] * image[1][1];
  const double ij = image[0][0] * image[1][0] + image[0][1] * image[1][1];
  const std::complex<double> across = std::sqrt(std::complex<double>(jj - ii, -2 * ij));
  const double scale = std::sqrt(ii + across.real() * across.real());
  PoseStarts starts = {};
  starts.scale = scale * std::sqrt(camera.fx * camera.fy);
  if (!(scale > 0)) return starts;
  const Matrix3 axes = {model.axes[0][0], model.axes[0][1], model.axes[0][2],
                        model.axes[1][0], model.axes[1][1], model.axes[1][2],
                        model.axes[2][0], model.axes[2][1], model.axes[2][2]};
  for (std::size_t n = 0; n < 2; ++n) {
    const double sign = n == 0 ? 1 : -1;
    const Vector3 x = {image[0][0] / scale, image[0][1] / scale, sign * across.real() / scale};
    const Vector3 y = {image[1][0] / scale, image[1][1] / scale, sign * across.imag() / scale};
    const Vector3 z = cross(x, y);
    const Matrix3 rows = {x[0], x[1], x[2], y[0], y[1], y[2], z[0], z[1], z[2]};
    const Matrix3 rotation = multiply(view, multiply(rows, axes));
    const Vector3 middle = multiply(view, Vector3{at[0] / scale, at[1] / scale, 1 / scale});
    const Vector3 center = multiply(rotation, model.center);
    PoseGuess& pose = starts.poses[n];
    for (std::size_t k = 0; k < 9; ++k) pose.rotation[k] = rotation[k];
    for (std::size_t k = 0; k < 3; ++k) pose.translation[k] = middle[k] - center[k];
    pose.fx = camera.fx;
    pose.fy = camera.fy;
  }
  return starts;
}

}  // namespace rostro
