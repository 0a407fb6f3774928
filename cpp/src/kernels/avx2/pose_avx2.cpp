#include <immintrin.h>

#include "kernels/levels.hpp"
#include "kernels/pose_lanes.hpp"

namespace rostro::avx2 {

namespace {

struct Lanes {
  using Vector = __m256d;
  static constexpr size_t size = 4;

  static Vector all(double value) { return _mm256_set1_pd(value); }
  static Vector load(const double* from) { return _mm256_loadu_pd(from); }
  static Vector add(Vector a, Vector b) { return _mm256_add_pd(a, b); }
  static Vector sub(Vector a, Vector b) { return _mm256_sub_pd(a, b); }
  static Vector mul(Vector a, Vector b) { return _mm256_mul_pd(a, b); }
  static Vector madd(Vector a, Vector b, Vector c) { return add(mul(a, b), c); }
  static Vector div(Vector a, Vector b) { return _mm256_div_pd(a, b); }
  static Vector root(Vector a) { return _mm256_sqrt_pd(a); }
  static Vector least(Vector a, Vector b) { return _mm256_min_pd(a, b); }
  static Vector most(Vector a, Vector b) { return _mm256_max_pd(a, b); }

  /// Four vectors at a time: their lanes transposed by additions.
  static void totals(const Vector* vectors, double* sums) {
    for (int i = 0; i < kPoseSums; i += 4) {
      const Vector first = _mm256_hadd_pd(vectors[i], vectors[i + 1]);
      const Vector second = _mm256_hadd_pd(vectors[i + 2], vectors[i + 3]);
      const Vector low = _mm256_permute2f128_pd(first, second, 0x20);
      const Vector high = _mm256_permute2f128_pd(first, second, 0x31);
      _mm256_storeu_pd(sums + i, add(low, high));
    }
  }
};

}  // namespace

void pose_sums(const PosePoints& points, const PoseGuess& pose, double* sums) {
  pose_sums_in<Lanes>(points, pose, sums);
}

}  // namespace rostro::avx2
