#include "rostro/morphable.hpp"

#include <cmath>

#include "support/finite.hpp"
#include "support/message.hpp"

namespace rostro {

namespace {

constexpr std::size_t kMatrix = 12;

Vector3 unit(const Vector3& v) {
  const double length = std::hypot(v[0], v[1], v[2]);
  return length > 0 ? Vector3{v[0] / length, v[1] / length, v[2] / length} : Vector3{};
}

}  // namespace

void check_morphable(const MorphableFace& face) {
  if (face.mean.size() < kMatrix || face.mean.size() != face.std.size()) {
    throw wrong("mean, std", text(face.mean.size()) + " and " + text(face.std.size()) + " numbers",
                "as many, 12 or more, are wanted");
  }
  const std::size_t weights = face.mean.size() - kMatrix;
  if (face.base.size() % 3 != 0 || face.basis.size() != face.base.size() * weights) {
    throw wrong("basis",
                text(face.base.size()) + " numbers of a mean face and " + text(face.basis.size()) +
                    " of a basis",
                "three a point, and " + text(weights) + " for each of these, are wanted");
  }
  for (const auto* numbers : {&face.mean, &face.std, &face.base, &face.basis}) {
    if (!all_finite(numbers->data(), numbers->size())) {
      throw wrong("mean, std, basis", std::string_view("NaN or infinity"), "numbers are wanted");
    }
  }
}

std::vector<double> morphable_parameters(const MorphableFace& face, const float* numbers) {
  std::vector<double> parameters(face.mean.size());
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    parameters[i] = static_cast<double>(numbers[i]) * static_cast<double>(face.std[i]) +
                    static_cast<double>(face.mean[i]);
  }
  return parameters;
}

void morphable_points(const MorphableFace& face, const std::vector<double>& parameters, Size size,
                      float* points) {
  const std::size_t weights = parameters.size() - kMatrix;
  const double* matrix = parameters.data();
  for (std::size_t i = 0; i < face.points(); ++i) {
    Vector3 vertex;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      vertex[axis] = static_cast<double>(face.base[3 * i + axis]);
      const float* row = face.basis.data() + (3 * i + axis) * weights;
      for (std::size_t w = 0; w < weights; ++w) {
        vertex[axis] += static_cast<double>(row[w]) * parameters[kMatrix + w];
      }
    }
    Vector3 at;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const double* row = matrix + 4 * axis;
      at[axis] = row[0] * vertex[0] + row[1] * vertex[1] + row[2] * vertex[2] + row[3];
    }
    // Pixels are counted from 1, as MATLAB does, in which the training data were made.
    points[3 * i] = static_cast<float>(at[0] - 1);
    points[3 * i + 1] = static_cast<float>(size.height - at[1]);
    points[3 * i + 2] = static_cast<float>(1 - at[2]);
  }
}

Matrix3 morphable_rotation(const std::vector<double>& parameters) {
  const double* m = parameters.data();
  const Vector3 x = unit({m[0], m[1], m[2]}), y = unit({m[4], m[5], m[6]});
  const Vector3 z = {x[1] * y[2] - x[2] * y[1], x[2] * y[0] - x[0] * y[2],
                     x[0] * y[1] - x[1] * y[0]};
  // y and z point the other way here, of the face as of the camera.
  const Matrix3 matrix = {x[0], -x[1], -x[2], -y[0], y[1], y[2], -z[0], z[1], z[2]};
  for (const double number : matrix) {
    if (!std::isfinite(number)) return kIdentity;
  }
  return std::hypot(z[0], z[1], z[2]) > 0 ? nearest_rotation(matrix) : kIdentity;
}

}  // namespace rostro
