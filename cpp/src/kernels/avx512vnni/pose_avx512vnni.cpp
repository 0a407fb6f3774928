#include <immintrin.h>

#include "kernels/levels.hpp"
#include "kernels/pose_lanes.hpp"

namespace rostro::avx512vnni {

namespace {

struct Lanes {
  using Vector = __m512d;
  static constexpr size_t size = 8;

  static Vector all(double value) { return _mm512_set1_pd(value); }
  static Vector load(const double* from) { return _mm512_loadu_pd(from); }
  static Vector add(Vector a, Vector b) { return _mm512_add_pd(a, b); }
  static Vector sub(Vector a, Vector b) { return _mm512_sub_pd(a, b); }
  static Vector mul(Vector a, Vector b) { return _mm512_mul_pd(a, b); }
  static Vector madd(Vector a, Vector b, Vector c) { return _mm512_fmadd_pd(a, b, c); }
  static Vector div(Vector a, Vector b) { return _mm512_div_pd(a, b); }
  static Vector root(Vector a) { return _mm512_sqrt_pd(a); }
  static Vector least(Vector a, Vector b) { return _mm512_min_pd(a, b); }
  static Vector most(Vector a, Vector b) { return _mm512_max_pd(a, b); }

  static void totals(const Vector* vectors, double* sums) {
    for (int i = 0; i < kPoseSums; ++i) sums[i] = _mm512_reduce_add_pd(vectors[i]);
  }
};

}  // namespace

void pose_sums(const PosePoints& points, const PoseGuess& pose, double* sums) {
  pose_sums_in<Lanes>(points, pose, sums);
}

}  // namespace rostro::avx512vnni
