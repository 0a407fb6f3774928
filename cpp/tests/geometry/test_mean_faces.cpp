#include "rostro/mean_faces.hpp"

#include <doctest/doctest.h>

#include <utility>

#include "rostro/error.hpp"

using namespace rostro;

TEST_CASE("mean_face: every scheme has its points, the nose before the eyes, the chin below") {
  const std::pair<const char*, std::size_t> schemes[] = {
      {"five", 5},    {"ibug68", 68},   {"ibug66", 66},  {"wflw98", 98},
      {"jd106", 106}, {"mesh468", 468}, {"mesh478", 478}};
  for (const auto& [scheme, count] : schemes) {
    CHECK(has_mean_face(scheme));
    CHECK(mean_face(scheme).size() == count);
  }
  const std::vector<Vector3> five = mean_face("five"), contour = mean_face("ibug68");
  CHECK(five[0][0] == -five[1][0]);
  CHECK(five[2][2] < five[0][2] - 0.02);
  CHECK(contour[8][1] > 0.1);
  CHECK(mean_face("ibug66")[60] == contour[61]);
}

TEST_CASE("mean_face: another scheme is refused with those that there are") {
  CHECK(!has_mean_face("six"));
  CHECK_THROWS_WITH_AS(mean_face("six"), doctest::Contains("one of \"five\", \"ibug68\""),
                       InvalidArgument);
}
