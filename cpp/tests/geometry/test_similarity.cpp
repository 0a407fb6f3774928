#include "rostro/similarity.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "rostro/error.hpp"

using namespace rostro;

TEST_CASE("estimate_similarity: a known rotation, scale and shift is found again") {
  const double angle = 0.7, scale = 1.9;
  const float a = static_cast<float>(scale * std::cos(angle)),
              b = static_cast<float>(scale * std::sin(angle));
  const Point src[4] = {{0, 0}, {10, 3}, {-4, 8}, {5, -6}};
  Point dst[4];
  for (int i = 0; i < 4; ++i) {
    dst[i] = {a * src[i].x - b * src[i].y + 12, b * src[i].x + a * src[i].y - 30};
  }
  const Affine affine = estimate_similarity(src, dst, 4);
  const float wanted[] = {a, -b, 12, b, a, -30};
  for (int i = 0; i < 6; ++i) CHECK(affine.m[i] == doctest::Approx(wanted[i]).epsilon(1e-5));
}

TEST_CASE("estimate_similarity: mirrored points give no reflection") {
  const Point src[3] = {{0, 0}, {10, 0}, {0, 5}};
  const Point dst[3] = {{0, 0}, {-10, 0}, {0, 5}};
  const Affine affine = estimate_similarity(src, dst, 3);
  CHECK(affine.m[0] == affine.m[4]);
  CHECK(affine.m[1] == -affine.m[3]);
}

TEST_CASE("similarity: of sets of points, the one without an answer is named") {
  const Point sets[] = {{0, 0}, {1, 0}, {5, 5}, {5, 5}};
  const Point to[] = {{0, 0}, {2, 0}};
  Affine transforms[2];
  estimate_similarities(sets, 1, to, 2, transforms);
  CHECK(transforms[0].m[0] == doctest::Approx(2));
  CHECK_THROWS_WITH_AS(estimate_similarities(sets, 2, to, 2, transforms),
                       doctest::Contains("src[1]: got 2 points that all coincide"),
                       InvalidArgument);
}
