#include <doctest/doctest.h>

#include <array>
#include <vector>

#include "rostro/error.hpp"
#include "rostro/nms.hpp"
#include "support/columns.hpp"

using namespace rostro;

namespace {

/// A face whose landmarks are all at one place.
struct Given {
  std::array<float, 4> box;
  float score;
  float place;
};

Faces table(const std::vector<Given>& given) {
  Faces faces(given.size());
  float* boxes = faces.add<float>(columns::boxes);
  float* scores = faces.add<float>(columns::scores);
  float* landmarks = faces.add<float>(columns::landmarks);
  for (const Given& face : given) {
    boxes = std::copy(face.box.begin(), face.box.end(), boxes);
    *scores++ = face.score;
    landmarks = std::fill_n(landmarks, 2 * kLandmarks, face.place);
  }
  return faces;
}

}  // namespace

TEST_CASE("nms_weighted: a kept face is the mean of those it removes, weighted by their scores") {
  const Faces faces =
      table({{{1, 1, 11, 11}, 0.25f, 6}, {{0, 0, 10, 10}, 0.75f, 2}, {{50, 50, 60, 60}, 0.5f, 55}});
  const Faces merged = nms_weighted(faces, 0.3f, 10);
  CHECK(numbers(merged, columns::scores) == std::vector<float>{0.75f, 0.5f});
  CHECK(numbers(merged, columns::boxes) ==
        std::vector<float>{0.25f, 0.25f, 10.25f, 10.25f, 50, 50, 60, 60});
  std::vector<float> landmarks(2 * kLandmarks, 3.0f);
  landmarks.resize(4 * kLandmarks, 55.0f);
  CHECK(numbers(merged, columns::landmarks) == landmarks);
  CHECK(nms_weighted(faces, 0.3f, 1).size() == 1);
}

TEST_CASE("nms_weighted: a removed face belongs to the best that it overlaps, and to it alone") {
  const Faces merged = nms_weighted(table({{{0, 0, 10, 10}, 0.9f, 0},
                                           {{4, 0, 14, 10}, 0.5f, 0},  // overlaps both others
                                           {{8, 0, 18, 10}, 0.7f, 0}}),
                                    0.3f, 10);
  REQUIRE(merged.size() == 2);
  CHECK(merged.get(columns::boxes)[0] == doctest::Approx(4 * 0.5 / 1.4));
  CHECK(merged.get(columns::boxes)[4] == 8.0f);
}

TEST_CASE("nms_weighted: scores of nothing leave a face as it is; thresholds without sense") {
  const Faces faces = table({{{0, 0, 10, 10}, 0.0f, 1}, {{1, 0, 11, 10}, 0.0f, 2}});
  CHECK(numbers(nms_weighted(faces, 0.3f, 10), columns::boxes) == std::vector<float>{0, 0, 10, 10});
  CHECK_THROWS_AS(nms_weighted(faces, -0.1f, 10), InvalidArgument);
}
