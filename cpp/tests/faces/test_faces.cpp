#include "rostro/faces.hpp"

#include <doctest/doctest.h>

#include "rostro/error.hpp"
#include "rostro/nms.hpp"

using namespace rostro;

namespace {

/// A column that nobody declared.
const Column kWings{"wings", "wing", ColumnKind::points, ColumnType::float32, {2, 2}};
const Column kAges{"attributes.age", "age", ColumnKind::value, ColumnType::int64};

/// Three faces in a row, the second on top of the first.
Faces three_faces() {
  Faces faces(3);
  float* boxes = faces.add<float>(columns::boxes);
  float* scores = faces.add<float>(columns::scores);
  float* wings = faces.add<float>(kWings);
  std::int64_t* ages = faces.add<std::int64_t>(kAges);
  for (int i = 0; i < 3; ++i) {
    const float x = i == 1 ? 1.0f : 100.0f * static_cast<float>(i);
    for (const float side : {x, 0.0f, x + 10, 10.0f}) *boxes++ = side;
    for (const float place : {x, 1.0f, x, 2.0f}) *wings++ = place;
    *scores++ = i == 0 ? 0.75f : 0.25f;
    *ages++ = 10 * i;
  }
  return faces;
}

}  // namespace

TEST_CASE("faces: a column is what was added, and null where nobody did") {
  const Faces faces = three_faces();
  CHECK(faces.size() == 3);
  CHECK(faces.get(columns::scores)[2] == 0.25f);
  CHECK(faces.get<std::int64_t>(kAges)[1] == 10);
  CHECK(faces.get(columns::landmarks) == nullptr);
  CHECK_FALSE(faces.has(columns::poses));
}

TEST_CASE("faces: a selection has all columns, in the order asked for") {
  const Faces two = three_faces().select({2, 0});
  CHECK(two.size() == 2);
  CHECK(two.get(columns::boxes)[0] == 200.0f);
  CHECK(two.get(kWings)[4] == 0.0f);
  CHECK(two.get<std::int64_t>(kAges)[0] == 20);
  CHECK_THROWS_WITH_AS(three_faces().select({3}),
                       "indices: got 3; indices of the table's 3 faces are wanted",
                       InvalidArgument);
}

TEST_CASE("faces: what lies in the image moves, values stay") {
  Faces faces = three_faces();
  faces.map({{2, 0, 5, 0, 3, 7}});
  CHECK(faces.get(columns::boxes)[4] == 7.0f);
  CHECK(faces.get(columns::boxes)[7] == 37.0f);
  CHECK(faces.get(kWings)[8] == 405.0f);
  CHECK(faces.get(kWings)[9] == 10.0f);
  CHECK(faces.get(columns::scores)[0] == 0.75f);
  // A quarter turn: the box around the corners.
  Faces turned = three_faces();
  turned.map({{0, -1, 0, 1, 0, 0}});
  CHECK(turned.get(columns::boxes)[0] == -10.0f);
  CHECK(turned.get(columns::boxes)[3] == 10.0f);
}

TEST_CASE("faces: the third coordinate of points moves by the scale") {
  Faces faces(1);
  float* points = faces.add<float>(columns::points, {1, 3});
  points[0] = points[1] = points[2] = 1;
  faces.map({{0, 2, 0, -2, 0, 0}});
  CHECK(faces.get(columns::points)[0] == 2.0f);
  CHECK(faces.get(columns::points)[1] == -2.0f);
  CHECK(faces.get(columns::points)[2] == 2.0f);
}

TEST_CASE("faces: tables of the same columns become one") {
  const Faces all = concatenate({three_faces(), three_faces().select({1})});
  CHECK(all.size() == 4);
  CHECK(all.get<std::int64_t>(kAges)[3] == 10);
  Faces more = three_faces();
  more.add<float>(columns::norms);
  CHECK_THROWS_AS(concatenate({three_faces(), more}), InvalidArgument);
  CHECK_THROWS_AS(concatenate({more, three_faces()}), InvalidArgument);
  CHECK(concatenate({}).size() == 0);
}

TEST_CASE("faces: weighted suppression keeps every column of the leaders") {
  const Faces merged = nms_weighted(three_faces(), 0.5f, 10);
  REQUIRE(merged.size() == 2);
  CHECK(merged.get<std::int64_t>(kAges)[1] == 20);
  // The mean of 0 and 1 with the weights 0.75 and 0.25.
  CHECK(merged.get(columns::boxes)[0] == doctest::Approx(0.25));
  CHECK(merged.get(kWings)[0] == doctest::Approx(0.25));
  CHECK(merged.get(columns::scores)[0] == 0.75f);
  CHECK_THROWS_AS(nms_weighted(Faces(2), 0.5f, 10), InvalidArgument);
}

TEST_CASE("faces: entries that a column does not have are refused") {
  Faces faces(1);
  CHECK_THROWS_WITH_AS(faces.add<float>(columns::embeddings, {3, 4}),
                       "embeddings: got entries of shape (N, 3, 4); (N, any) is wanted",
                       InvalidArgument);
  CHECK_THROWS_AS(faces.add<float>({"flat", "flat", ColumnKind::points}), InvalidArgument);
  CHECK_THROWS_AS(faces.add<float>(columns::points, {7, 4}), InvalidArgument);
}
