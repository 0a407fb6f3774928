#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "rostro/attributes.hpp"
#include "rostro/error.hpp"
#include "rostro/templates.hpp"

using namespace rostro;

namespace {

AttributeHead head(const char* name, AttributeKind kind, std::size_t output, std::size_t count) {
  AttributeHead made;
  made.name = name;
  made.kind = kind;
  made.output = output;
  made.count = count;
  return made;
}

AttributesSettings settings(std::vector<AttributeHead> heads) {
  AttributesSettings made;
  made.name = "net";
  made.crop.size = {4, 2};
  made.heads = std::move(heads);
  return made;
}

/// From a crop to the image: turned by a quarter, and twice as large.
constexpr Affine kTurned = {{0, -2, 5, 2, 0, 7}};

const float* numbers(const Faces& faces, const char* name) {
  return faces.get(Column{std::string("attributes.") + name, name});
}

}  // namespace

TEST_CASE("attributes: every kind of head makes a column of one run") {
  AttributeHead age = head("age", AttributeKind::number, 0, 2);
  age.first = 2;
  age.scale = 10;
  AttributeHead gaze = head("gaze", AttributeKind::vector, 1, 3);
  gaze.unit = gaze.direction = true;
  gaze.signs = {1, -1, 1};
  const Attributes attributes(
      settings({head("mood", AttributeKind::classes, 0, 2), head("hat", AttributeKind::flags, 2, 1),
                age, gaze, head("parts", AttributeKind::mask, 3, 3)}));
  // The first head takes two of four numbers.
  CHECK_THROWS_AS(attributes.finish({{}, {}, {}, {}}, {kTurned}, Faces(1), 0), ModelMismatch);
  AttributesSettings shared = attributes.settings();
  shared.heads[0].first = 0;
  const Attributes task(shared);
  const std::vector<float> first = {0, std::log(3.0f), 0, 0}, vector = {3, 4, 0}, logit = {0};
  const std::vector<float> maps = {0, 1, 0, 0, 2, 0, 0, 0, 0, 0, 3, 0};  // 3 of 2x2
  const Faces found = task.finish(
      {{first.data(), 1, 4}, {vector.data(), 1, 3}, {logit.data(), 1, 1}, {maps.data(), 2, 2, 3}},
      {kTurned}, Faces(1), 0);
  REQUIRE(found.size() == 1);
  CHECK(numbers(found, "mood")[0] == doctest::Approx(0.25));
  CHECK(numbers(found, "mood")[1] == doctest::Approx(0.75));
  CHECK(numbers(found, "hat")[0] == doctest::Approx(0.5));
  CHECK(numbers(found, "age")[0] == doctest::Approx(5));
  // x right and y up in the crop; the crop's right is down in the image, its down to the left.
  CHECK(numbers(found, "gaze")[0] == doctest::Approx(0.8));
  CHECK(numbers(found, "gaze")[1] == doctest::Approx(0.6));
  const auto* parts = found.get<std::uint8_t>(Column{"attributes.parts", "parts"});
  CHECK(std::vector<std::uint8_t>(parts, parts + 8) ==
        std::vector<std::uint8_t>{1, 1, 0, 0, 2, 2, 0, 0});
}

TEST_CASE("attributes: what covers a face is told by its mask") {
  AttributesSettings parts = settings({head("parts", AttributeKind::mask, 0, 2)});
  parts.crop.size = {112, 112};
  parts.heads[0].covers = {1};
  const Attributes task(parts);
  Faces faces(3);
  const CropTemplate aligned = find_template("arcface", {112, 112});
  float* to = faces.add<float>(columns::landmarks);
  for (int i = 0; i < 3; ++i) {
    for (const Point& point : aligned.points) {
      *to++ = i == 0 ? 0.0f : point.x;  // the first is none
      *to++ = i == 0 ? 0.0f : point.y;
    }
  }
  // The second run's faces: nothing, and the lower half, covered.
  std::vector<float> maps(2 * 112 * 112, -1.0f);
  std::fill(maps.begin() + 112 * 112 + 56 * 112, maps.end(), 1.0f);
  const Affine same = {{1, 0, 0, 0, 1, 0}};
  const Faces found = task.finish({{maps.data(), 112, 112, 2}}, {same, same}, faces, 1);
  const float* shares = found.get(columns::visible);
  CHECK(std::vector<float>(shares, shares + 3) == std::vector<float>{1, 1, 1});
  CHECK(shares[3] == 1);
  CHECK(shares[4] == 0);
  CHECK(shares[5] == doctest::Approx(0.2).epsilon(0.1));
  const Faces first = task.finish({{maps.data(), 112, 112, 1}}, {same}, faces, 0);
  CHECK(std::isnan(first.get(columns::visible)[0]));
  parts.heads[0].covers = {2};
  CHECK_THROWS_AS(Attributes{parts}, InvalidArgument);
}

TEST_CASE("attributes: both eyes of a face, and rows for them") {
  AttributesSettings of_eyes = settings({head("open", AttributeKind::classes, 0, 2)});
  of_eyes.each_eye = true;
  of_eyes.crop.upright = true;
  const Attributes task(of_eyes);
  CHECK(task.rows(3) == 6);
  Faces faces(1);
  const std::vector<float> five = {10, 20, 30, 20, 20, 30, 12, 40, 28, 40};
  std::copy(five.begin(), five.end(), faces.add<float>(columns::landmarks));
  const auto transforms = task.transforms({64, 64}, faces, 0, 1);
  REQUIRE(transforms.size() == 2);
  CHECK(transforms[0].m[0] == doctest::Approx(0.4 * 20 / 4));
  CHECK(transforms[1].m[2] - transforms[0].m[2] == doctest::Approx(20));
  const std::vector<float> logits = {0, 0, 9, 0};
  const Faces found = task.finish({{logits.data(), 2, 2}}, transforms, faces, 0);
  REQUIRE(found.size() == 1);
  CHECK(numbers(found, "open")[0] == doctest::Approx(0.5));
  CHECK(numbers(found, "open")[2] > 0.99f);
}

TEST_CASE("attributes: what a network must not give is said") {
  AttributeHead likely = head("mood", AttributeKind::classes, 0, 2);
  likely.logits = false;
  const Attributes task(settings({likely}));
  std::vector<float> given = {0.5f, 0.6f};
  CHECK_THROWS_AS(task.finish({{given.data(), 1, 2}}, {Affine{}}, Faces(1), 0), ModelMismatch);
  given = {1.5f, -0.5f};
  CHECK_THROWS_AS(task.finish({{given.data(), 1, 2}}, {Affine{}}, Faces(1), 0), ModelMismatch);
  given[0] = std::numeric_limits<float>::quiet_NaN();
  CHECK_THROWS_AS(task.finish({{given.data(), 1, 2}}, {Affine{}}, Faces(1), 0), ModelMismatch);
  CHECK_THROWS_AS(task.finish({}, {Affine{}}, Faces(1), 0), ModelMismatch);
  const Attributes numbers(settings({head("age", AttributeKind::number, 0, 1)}));
  CHECK_THROWS_AS(numbers.finish({{given.data(), 1, 1}}, {Affine{}}, Faces(1), 0), NetworkError);
  CHECK(numbers.finish({}, {}, Faces(0), 0).size() == 0);
}

TEST_CASE("attributes: settings that make no sense") {
  CHECK_THROWS_AS(Attributes(settings({})), InvalidArgument);
  const AttributeHead mood = head("mood", AttributeKind::classes, 0, 2);
  CHECK_THROWS_AS(Attributes(settings({mood, mood})), InvalidArgument);
  CHECK_THROWS_AS(Attributes(settings({head("mood", AttributeKind::classes, 0, 1)})),
                  InvalidArgument);
  CHECK_THROWS_AS(Attributes(settings({head("parts", AttributeKind::mask, 0, 257)})),
                  InvalidArgument);
  AttributesSettings posed = settings({mood});
  posed.inputs.emplace_back(PoseInput{{0, 0, 2}, kOurAngles, false});
  CHECK_THROWS_AS(Attributes(std::move(posed)), InvalidArgument);
}
