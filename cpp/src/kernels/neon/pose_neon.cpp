#include <arm_neon.h>

#include "kernels/levels.hpp"
#include "kernels/pose_lanes.hpp"

namespace rostro::neon {

namespace {

struct Lanes {
  using Vector = float64x2_t;
  static constexpr size_t size = 2;

  static Vector all(double value) { return vdupq_n_f64(value); }
  static Vector load(const double* from) { return vld1q_f64(from); }
  static Vector add(Vector a, Vector b) { return vaddq_f64(a, b); }
  static Vector sub(Vector a, Vector b) { return vsubq_f64(a, b); }
  static Vector mul(Vector a, Vector b) { return vmulq_f64(a, b); }
  static Vector madd(Vector a, Vector b, Vector c) { return vfmaq_f64(c, a, b); }
  static Vector div(Vector a, Vector b) { return vdivq_f64(a, b); }
  static Vector root(Vector a) { return vsqrtq_f64(a); }
  static Vector least(Vector a, Vector b) { return vminq_f64(a, b); }
  static Vector most(Vector a, Vector b) { return vmaxq_f64(a, b); }

  static void totals(const Vector* vectors, double* sums) {
    for (int i = 0; i < kPoseSums; i += 2)
      vst1q_f64(sums + i, vpaddq_f64(vectors[i], vectors[i + 1]));
  }
};

}  // namespace

void pose_sums(const PosePoints& points, const PoseGuess& pose, double* sums) {
  pose_sums_in<Lanes>(points, pose, sums);
}

}  // namespace rostro::neon
