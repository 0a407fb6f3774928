#include "rostro/pose_fit.hpp"

#include <algorithm>
#include <cmath>

#include "geometry/pose_start.hpp"
#include "simd/dispatch.hpp"
#include "support/aligned_vector.hpp"
#include "support/finite.hpp"
#include "support/message.hpp"

namespace rostro {

namespace {

/// Of the object's radius as it appears: further off than this a point counts linearly.
constexpr double kHuber = 0.06;
/// Up to so many points, starts without one of them are tried where one is so many times as far
/// off: a wrong one. Landmarks of real faces are often off by a little more than the above.
constexpr std::size_t kFewPoints = 8;
constexpr double kWrong = 4;
/// Steps end where they lower the cost by less than this share of it.
constexpr double kLeastGain = 1e-7;
/// Points within this of each other, in pixels, coincide.
constexpr double kApart = 1e-3;
/// A fit that comes so near to a better one, in radians and in shares of the distance, ends there.
constexpr double kMet = 1e-2;
constexpr int kMostSteps = 50;
/// A step is at most so many times as long as Gauss and Newton's.
constexpr double kLongest = 3;

using Vector6 = std::array<double, 6>;

/// The normal equations at a pose.
struct Normal {
  double sums[kPoseSums];

  double at(std::size_t i, std::size_t j) const {
    return i <= j ? sums[i * (11 - i) / 2 + j] : at(j, i);
  }
  double gradient(std::size_t i) const { return sums[21 + i]; }
  double cost() const { return sums[27]; }
};

/// The triangles L D L^T of J^T J, its diagonal 1 + damping times as large.
struct Factors {
  double low[6][6];
  double diagonal[6];

  /// Whether it is positive definite.
  bool factor(const Normal& normal, double damping) {
    for (std::size_t j = 0; j < 6; ++j) {
      double scaled[6] = {};  // GCC 12 for ARM64 cannot see that what is read was written
      const double whole = normal.at(j, j) * (1 + damping);
      double left = whole;
      for (std::size_t k = 0; k < j; ++k) {
        scaled[k] = low[j][k] * diagonal[k];
        left -= low[j][k] * scaled[k];
      }
      if (!(left > 1e-14 * whole)) return false;
      diagonal[j] = left;
      const double inverse = 1 / left;
      for (std::size_t i = j + 1; i < 6; ++i) {
        double element = normal.at(j, i);
        for (std::size_t k = 0; k < j; ++k) element -= low[i][k] * scaled[k];
        low[i][j] = element * inverse;
      }
    }
    return true;
  }

  Vector6 solve(Vector6 right) const {
    for (std::size_t i = 0; i < 6; ++i) {
      for (std::size_t k = 0; k < i; ++k) right[i] -= low[i][k] * right[k];
    }
    for (std::size_t i = 6; i-- > 0;) {
      right[i] /= diagonal[i];
      for (std::size_t k = i + 1; k < 6; ++k) right[i] -= low[k][i] * right[k];
    }
    return right;
  }
};

struct Fit {
  PoseGuess pose;
  Normal normal;
};

PoseGuess moved(const PoseGuess& pose, const Vector6& step) {
  PoseGuess result = pose;
  Matrix3 rotation;
  std::copy(pose.rotation, pose.rotation + 9, rotation.begin());
  rotation = multiply(rotation_of_vector({step[0], step[1], step[2]}), rotation);
  std::copy(rotation.begin(), rotation.end(), result.rotation);
  for (std::size_t k = 0; k < 3; ++k) result.translation[k] += step[3 + k];
  return result;
}

/// Whether a fit that still descends is where another one, which is better, has ended.
bool has_met(const Fit& fit, const Fit& other) {
  if (fit.normal.cost() < other.normal.cost()) return false;
  const double far = kMet * other.pose.translation[2];
  double turned = 0, shifted = 0;
  for (std::size_t k = 0; k < 9; ++k) {
    turned = std::max(turned, std::abs(fit.pose.rotation[k] - other.pose.rotation[k]));
  }
  for (std::size_t k = 0; k < 3; ++k) {
    shifted = std::max(shifted, std::abs(fit.pose.translation[k] - other.pose.translation[k]));
  }
  return turned < kMet && shifted < far;
}

Vector6 times(Vector6 step, double by) {
  for (double& number : step) number *= by;
  return step;
}

/// How many times as long as `plain` a step should be, after one that was `longer` times `last`.
/// Where points are further off than kHuber steps shrink slowly, each in the direction of the last:
/// the length of Barzilai and Borwein (1988), s <d, d> / <d, d - d'>, sums up what would follow.
double lengthened(double longer, const Vector6& last, const Vector6& plain) {
  double squares = 0, product = 0;
  for (std::size_t i = 0; i < 6; ++i) {
    squares += last[i] * last[i];
    product += last[i] * plain[i];
  }
  if (squares == 0) return 1;
  const double left = 1 - product / squares;
  return left * kLongest <= longer ? kLongest : std::max(1.0, longer / left);
}

/// Down from a pose until the cost falls no more, or it meets another fit.
Fit descend(PoseSumsFn* pose_sums, const PosePoints& points, const PoseGuess& start,
            const Fit* other) {
  Fit fit;
  fit.pose = start;
  pose_sums(points, fit.pose, fit.normal.sums);
  double damping = 1e-4, longer = 1;
  Vector6 last = {};
  for (int step = 0; step < kMostSteps && damping < 1e12; ++step) {
    Factors factors;
    Fit next;
    if (!factors.factor(fit.normal, damping)) {
      damping = 10 * damping;
      continue;
    }
    Vector6 down;
    for (std::size_t i = 0; i < 6; ++i) down[i] = -fit.normal.gradient(i);
    const Vector6 plain = factors.solve(down);
    longer = lengthened(longer, last, plain);
    next.pose = moved(fit.pose, times(plain, longer));
    pose_sums(points, next.pose, next.normal.sums);
    const double before = fit.normal.cost(), after = next.normal.cost();
    if (after <= before) {
      damping = 0.1 * damping;
      fit = next;
      last = plain;
      if (before - after <= kLeastGain * before) break;
      if (other != nullptr && has_met(fit, *other)) break;
    } else if (longer > 1) {
      longer = 1;
      last = {};
    } else {
      if (after - before <= kLeastGain * before) break;
      damping = 10 * damping;
    }
  }
  return fit;
}

/// One object's points as the kernel takes them.
class Points {
 public:
  /// `numbers`: memory for them.
  Points(const std::vector<Vector3>& model, const Camera& camera, AlignedVector<double>& numbers)
      : count_(model.size()),
        room_((count_ + kPoseLanes - 1) / kPoseLanes * kPoseLanes),
        numbers_(numbers),
        camera_(camera) {
    numbers_.assign(6 * room_, 0.0);
    for (std::size_t i = 0; i < count_; ++i) {
      for (std::size_t k = 0; k < 3; ++k) row(k)[i] = model[i][k];
    }
  }

  void see(const float* points, std::size_t sides, const float* weights) {
    for (std::size_t i = 0; i < count_; ++i) {
      row(3)[i] = static_cast<double>(points[sides * i]) - camera_.cx;
      row(4)[i] = static_cast<double>(points[sides * i + 1]) - camera_.cy;
      row(5)[i] = weights == nullptr ? 1 : static_cast<double>(weights[i]);
    }
  }

  double& weight(std::size_t i) { return row(5)[i]; }

  PosePoints view() const {
    const double* first = numbers_.data();
    return {first,
            first + room_,
            first + 2 * room_,
            first + 3 * room_,
            first + 4 * room_,
            first + 5 * room_,
            count_};
  }

 private:
  double* row(std::size_t k) { return numbers_.data() + k * room_; }

  std::size_t count_, room_;
  AlignedVector<double>& numbers_;
  Camera camera_;
};

/// The distance of each point to where the pose puts it, squared, where it counts.
struct Distances {
  double largest = 0, mean = 0;
  std::size_t counted = 0;
  double weighted = 0;  ///< the sum of them with all weights
};

Distances distances(const PosePoints& points, const PoseGuess& pose) {
  const double* m = pose.rotation;
  Distances result;
  for (std::size_t i = 0; i < points.count; ++i) {
    if (!(points.weight[i] > 0)) continue;
    const double x = points.x[i], y = points.y[i], z = points.z[i];
    const double depth =
        std::max(m[6] * x + m[7] * y + m[8] * z + pose.translation[2], kLeastDepth);
    const double u = pose.fx * (m[0] * x + m[1] * y + m[2] * z + pose.translation[0]) / depth;
    const double v = pose.fy * (m[3] * x + m[4] * y + m[5] * z + pose.translation[1]) / depth;
    const double square =
        (u - points.u[i]) * (u - points.u[i]) + (v - points.v[i]) * (v - points.v[i]);
    const double e = std::sqrt(square);
    result.largest = std::max(result.largest, e);
    result.mean += square;
    result.weighted += points.weight[i] * square * (e > pose.huber ? pose.huber / e : 1);
    ++result.counted;
  }
  result.mean /= static_cast<double>(result.counted);
  return result;
}

/// The inverse of the normal equations times the variance of a residual, as the scatter has it.
void covariance_of(const Fit& fit, const Distances& scatter, Pose& pose) {
  const double freedom = 2 * static_cast<double>(scatter.counted) - 6;
  const double wider = (freedom + 2) / std::max(freedom - 2, 0.4);
  const double variance = scatter.weighted / freedom * wider;
  Factors factors;
  double damping = 0;
  while (!factors.factor(fit.normal, damping)) damping = std::max(1e-12, 10 * damping);
  for (std::size_t i = 0; i < 6; ++i) {
    Vector6 unit = {};
    unit[i] = variance;
    const Vector6 column = factors.solve(unit);
    for (std::size_t j = 0; j < 6; ++j) pose.covariance[6 * j + i] = column[j];
  }
}

Pose no_pose() {
  Pose pose;
  pose.translation = {0, 0, 1};
  pose.error = kNoPose;
  for (std::size_t i = 0; i < 6; ++i) pose.covariance[7 * i] = kNoPose;
  return pose;
}

class Fitter {
 public:
  Fitter(const std::vector<Vector3>& model, const Camera& camera, AlignedVector<double>& numbers)
      : points_(model, camera, numbers), camera_(camera) {
    for (std::size_t i = 0; i < model.size(); ++i) points_.weight(i) = 1;
    even_ = planar_model(points_.view());
    const Vector3& squares = even_.squares;
    radius_ = std::sqrt((squares[0] + squares[1] + squares[2]) / static_cast<double>(model.size()));
  }

  Pose operator()(const float* points, std::size_t sides, const float* weights) {
    points_.see(points, sides, weights);
    const PosePoints view = points_.view();
    if (coincide(view)) return no_pose();
    const PoseStarts starts =
        pose_starts(view, weights == nullptr ? even_ : planar_model(view), camera_);
    const double huber = kHuber * radius_ * starts.scale;
    Fit best = better_of(starts, huber);
    Distances scatter = distances(view, best.pose);
    if (view.count <= kFewPoints && scatter.counted > 4 && scatter.largest > kWrong * huber) {
      without_one(huber, best);
      scatter = distances(view, best.pose);
    }
    return result(best, scatter);
  }

 private:
  static bool coincide(const PosePoints& points) {
    double low[2] = {points.u[0], points.v[0]}, high[2] = {points.u[0], points.v[0]};
    for (std::size_t i = 1; i < points.count; ++i) {
      low[0] = std::min(low[0], points.u[i]);
      low[1] = std::min(low[1], points.v[i]);
      high[0] = std::max(high[0], points.u[i]);
      high[1] = std::max(high[1], points.v[i]);
    }
    return high[0] - low[0] < kApart && high[1] - low[1] < kApart;
  }

  Fit better_of(PoseStarts starts, double huber) const {
    Fit fits[2];
    for (std::size_t n = 0; n < 2; ++n) {
      starts.poses[n].huber = huber;
      fits[n] = descend(pose_sums_, points_.view(), starts.poses[n], n == 0 ? nullptr : fits);
    }
    return fits[fits[1].normal.cost() < fits[0].normal.cost() ? 1 : 0];
  }

  /// Starts that one point, perhaps a wrong one, has no part in.
  void without_one(double huber, Fit& best) {
    const std::size_t count = points_.view().count;
    for (std::size_t i = 0; i < count; ++i) {
      const double weight = points_.weight(i);
      if (!(weight > 0)) continue;
      points_.weight(i) = 0;
      const PosePoints view = points_.view();
      const PlanarModel model = planar_model(view);
      const PoseStarts starts = pose_starts(view, model, camera_);
      points_.weight(i) = weight;
      if (!(starts.scale > 0)) continue;
      const Fit fit = better_of(starts, huber);
      if (fit.normal.cost() < best.normal.cost()) best = fit;
    }
  }

  static Pose result(const Fit& best, const Distances& scatter) {
    Pose pose;
    std::copy(best.pose.rotation, best.pose.rotation + 9, pose.rotation.begin());
    std::copy(best.pose.translation, best.pose.translation + 3, pose.translation.begin());
    pose.error = std::sqrt(scatter.mean);
    if (!std::isfinite(best.normal.cost()) || !(pose.error < kNoPose)) return no_pose();
    covariance_of(best, scatter, pose);
    return pose;
  }

  PoseSumsFn* pose_sums_ = kernels().pose_sums;
  Points points_;
  PlanarModel even_;  ///< with all weights alike
  double radius_;
  Camera camera_;
};

void check_model(const std::vector<Vector3>& model) {
  if (model.size() < 4) throw wrong("model", model.size(), "four points at least are wanted");
  thread_local std::vector<double> numbers, ones;
  numbers.resize(3 * model.size());
  ones.assign(model.size(), 1.0);
  for (std::size_t i = 0; i < model.size(); ++i) {
    for (std::size_t k = 0; k < 3; ++k) {
      if (!std::isfinite(model[i][k])) {
        throw wrong(entry("model", i), model[i][k], "finite metres are wanted");
      }
      numbers[k * model.size() + i] = model[i][k];
    }
  }
  const double* x = numbers.data();
  const std::size_t n = model.size();
  const Vector3 squares = planar_model({x, x + n, x + 2 * n, x, x, ones.data(), n}).squares;
  if (!(squares[1] > 1e-6 * squares[0])) {
    throw wrong("model", std::string_view("points on one line"),
                "points that span a plane are wanted");
  }
}

void check_seen(const SeenPoints& seen) {
  for (std::size_t i = 0; i < seen.faces; ++i) {
    if (!all_finite(seen.points + seen.sides * seen.count * i, seen.sides * seen.count)) {
      throw wrong(entry("points", i), std::string_view("a coordinate that is NaN or infinite"),
                  "finite pixels are wanted");
    }
    if (seen.weights == nullptr) continue;
    std::size_t counted = 0;
    for (std::size_t k = 0; k < seen.count; ++k) {
      const float weight = seen.weights[seen.count * i + k];
      if (!(weight >= 0) || !std::isfinite(weight)) {
        throw wrong(entry("weights", i), weight, "0 or more is wanted");
      }
      counted += weight > 0 ? 1 : 0;
    }
    if (counted < 4) {
      throw wrong(entry("weights", i), text(counted) + " points above 0",
                  "four at least are wanted");
    }
  }
}

}  // namespace

void fit_poses(const SeenPoints& seen, const std::vector<Vector3>& model, const Camera& camera,
               Pose* poses) {
  check_camera(camera);
  check_model(model);
  if (seen.count != model.size()) {
    throw wrong("points", text(seen.count) + " a face", text(model.size()) + " are wanted");
  }
  check_seen(seen);
  thread_local AlignedVector<double> numbers;
  Fitter fitter(model, camera, numbers);
  for (std::size_t i = 0; i < seen.faces; ++i) {
    const float* weights = seen.weights == nullptr ? nullptr : seen.weights + seen.count * i;
    poses[i] = fitter(seen.points + seen.sides * seen.count * i, seen.sides, weights);
  }
}

}  // namespace rostro
