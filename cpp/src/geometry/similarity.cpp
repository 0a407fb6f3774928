#include "rostro/similarity.hpp"

#include <cmath>

#include "support/message.hpp"

namespace rostro {

Affine estimate_similarity(const Point* src, const Point* dst, std::size_t count) {
  double px = 0, py = 0, qx = 0, qy = 0;
  for (std::size_t i = 0; i < count; ++i) {
    px += static_cast<double>(src[i].x);
    py += static_cast<double>(src[i].y);
    qx += static_cast<double>(dst[i].x);
    qy += static_cast<double>(dst[i].y);
  }
  const double n = static_cast<double>(count);
  px /= n;
  py /= n;
  qx /= n;
  qy /= n;
  double dot = 0, cross = 0, norm = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double x = static_cast<double>(src[i].x) - px, y = static_cast<double>(src[i].y) - py;
    const double u = static_cast<double>(dst[i].x) - qx, v = static_cast<double>(dst[i].y) - qy;
    dot += x * u + y * v;
    cross += x * v - y * u;
    norm += x * x + y * y;
  }
  if (!std::isfinite(dot) || !std::isfinite(cross) || !std::isfinite(norm)) {
    throw InvalidArgument("got a coordinate that is NaN or infinite; finite ones are wanted");
  }
  if (norm == 0.0) {
    throw InvalidArgument("got " + text(count) +
                          " points that all coincide; points apart are wanted, from which a scale "
                          "and a rotation follow");
  }
  const double a = dot / norm, b = cross / norm;
  const auto f = [](double value) { return static_cast<float>(value); };
  return {{f(a), f(-b), f(qx - a * px + b * py), f(b), f(a), f(qy - b * px - a * py)}};
}

void estimate_similarities(const Point* src, std::size_t sets, const Point* dst, std::size_t count,
                           Affine* transforms) {
  for (std::size_t i = 0; i < sets; ++i) {
    try {
      transforms[i] = estimate_similarity(src + i * count, dst, count);
    } catch (const InvalidArgument& error) {
      throw InvalidArgument(entry("src", i) + ": " + error.what());
    }
  }
}

}  // namespace rostro
