#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "rostro/crop_rule.hpp"
#include "rostro/error.hpp"

using namespace rostro;

namespace {

Faces one_face(const std::vector<float>& box, const std::vector<float>& landmarks = {}) {
  Faces faces(1);
  std::copy(box.begin(), box.end(), faces.add<float>(columns::boxes));
  if (!landmarks.empty()) {
    std::copy(landmarks.begin(), landmarks.end(), faces.add<float>(columns::landmarks));
  }
  return faces;
}

Point at(const Affine& t, float x, float y) {
  return {t.m[0] * x + t.m[1] * y + t.m[2], t.m[3] * x + t.m[4] * y + t.m[5]};
}

/// Where the edges of a crop lie in the image, as x1, y1, x2, y2 of a box.
std::vector<float> region(const CropRule& rule, const Faces& faces) {
  const Affine transform = crop_transforms(rule, faces, 0, 1).front();
  const Point first = at(transform, -0.5f, -0.5f);
  const Point last = at(transform, static_cast<float>(rule.size.width) - 0.5f,
                        static_cast<float>(rule.size.height) - 0.5f);
  return {first.x + 0.5f, first.y + 0.5f, last.x + 0.5f, last.y + 0.5f};
}

void near(const std::vector<float>& got, const std::vector<float>& wanted) {
  REQUIRE(got.size() == wanted.size());
  for (std::size_t i = 0; i < got.size(); ++i) CHECK(got[i] == doctest::Approx(wanted[i]));
}

}  // namespace

TEST_CASE("crop_rule: the region of each shape") {
  const Faces faces = one_face({10, 20, 50, 80});  // 40 x 60 about (30, 50)
  CropRule rule;
  rule.size = {64, 32};
  near(region(rule, faces), {0, 20, 60, 80});
  rule.shape = CropShape::width;
  near(region(rule, faces), {10, 30, 50, 70});
  rule.shape = CropShape::mean;
  near(region(rule, faces), {5, 25, 55, 75});
  rule.shape = CropShape::enclose;
  near(region(rule, faces), {-30, 20, 90, 80});
  rule.shape = CropShape::stretch;
  near(region(rule, faces), {10, 20, 50, 80});
  rule.scale = 2;
  rule.shift_x = 0.25f;
  rule.shift_y = -0.5f;
  near(region(rule, faces), {0, -40, 80, 80});
}

TEST_CASE("crop_rule: upright turns about the centre, and shifts along the crop's own axes") {
  // The eyes' line goes down by 3 for every 4 to the right.
  const Faces faces = one_face({10, 20, 51, 81}, {20, 30, 40, 45, 20, 60, 10, 50, 30, 65});
  CropRule rule;
  rule.size = {61, 61};
  rule.upright = true;
  const Affine level = crop_transforms(rule, faces, 0, 1).front();
  const Point centre = at(level, 30, 30);
  CHECK(centre.x == doctest::Approx(30));
  CHECK(centre.y == doctest::Approx(50));
  const Point right = at(level, 31, 30), back = at(inverse(level), right.x, right.y);
  CHECK(right.x - centre.x == doctest::Approx(0.8f));
  CHECK(right.y - centre.y == doctest::Approx(0.6f));
  CHECK(back.x == doctest::Approx(31));
  CHECK(back.y == doctest::Approx(30));
  rule.shift_y = 0.5f;
  const Point lower = at(crop_transforms(rule, faces, 0, 1).front(), 30, 30);
  CHECK(lower.x == doctest::Approx(30 - 0.6f * 30.5f));
  CHECK(lower.y == doctest::Approx(50 + 0.8f * 30.5f));
}

TEST_CASE("crop_rule: around landmarks and around points") {
  Faces faces = one_face({0, 0, 1, 1}, {20, 30, 40, 30, 30, 40, 22, 50, 38, 50});
  const std::vector<float> points = {5, 7, 1, 25, 17, 2, 9, 9, 3};
  std::copy(points.begin(), points.end(), faces.add<float>(columns::points, {3, 3}));
  CropRule rule;
  rule.size = {10, 10};
  rule.shape = CropShape::stretch;
  rule.around = CropAround::landmarks;
  near(region(rule, faces), {20.5f, 30.5f, 40.5f, 50.5f});
  rule.around = CropAround::points;
  near(region(rule, faces), {5.5f, 7.5f, 25.5f, 17.5f});
}

TEST_CASE("crop_rule: what gives no crop is refused by name") {
  CropRule rule;
  rule.size = {8, 8};
  const auto refuses = [&](const Faces& faces, const char* what) {
    CHECK_THROWS_WITH_AS(crop_transforms(rule, faces, 0, 1), doctest::Contains(what),
                         InvalidArgument);
  };
  refuses(one_face({1, 1, 1, 2}), "boxes[0]");
  refuses(one_face({1, 1, NAN, 2}), "boxes[0]");
  refuses(one_face({1, 1, INFINITY, 2}), "boxes[0]");
  refuses(Faces(0), "count");
  rule.upright = true;
  refuses(one_face({1, 1, 2, 2}), "without landmarks");
  refuses(one_face({1, 1, 2, 2}, std::vector<float>(10, 3.0f)), "landmarks[0]");
  refuses(one_face({1, 1, 2, 2}, {NAN, 0, 1, 1, 1, 1, 1, 1, 1, 1}), "landmarks[0]");
  rule.upright = false;
  rule.around = CropAround::points;
  refuses(one_face({1, 1, 2, 2}), "without points");
  Faces faces = one_face({0, 0, 1, 1});
  const std::vector<float> points = {5, 7, NAN, 17, 9, 9, 8, 8};
  std::copy(points.begin(), points.end(), faces.add<float>(columns::points, {4, 2}));
  refuses(faces, "points[0]");

  const auto bad = [](float scale, float shift, int side) {
    CropRule other;
    other.size = {side, 8};
    other.scale = scale;
    other.shift_y = shift;
    CHECK_THROWS_AS(check_crop_rule(other), InvalidArgument);
  };
  bad(0, 0, 8);
  bad(NAN, 0, 8);
  bad(1, NAN, 8);
  bad(1, 11, 8);
  bad(1, 0, 0);
}

TEST_CASE("crop_rule: a region is moved into the image, and shrunk where it is larger") {
  CropRule rule;
  rule.size = {16, 16};
  rule.shape = CropShape::stretch;
  const auto inside = [&](const std::vector<float>& box, Size image) {
    std::vector<Affine> transforms = crop_transforms(rule, one_face(box), 0, 1);
    keep_inside(rule, image, transforms);
    const Point first = at(transforms[0], -0.5f, -0.5f), last = at(transforms[0], 15.5f, 15.5f);
    return std::vector<float>{first.x + 0.5f, first.y + 0.5f, last.x + 0.5f, last.y + 0.5f};
  };
  near(inside({10, 20, 50, 80}, {100, 90}), {10, 20, 50, 80});
  near(inside({-10, 20, 30, 80}, {100, 90}), {0, 20, 40, 80});
  near(inside({80, 70, 120, 130}, {100, 90}), {60, 30, 100, 90});
  near(inside({-100, 0, 300, 40}, {100, 90}), {0, 15, 100, 25});
  near(inside({500, 500, 540, 560}, {100, 90}), {60, 30, 100, 90});
  // Turned by a quarter, sides are swapped.
  rule.upright = true;
  const Faces lying = one_face({-10, 20, 30, 80}, {10, 40, 10, 60, 0, 0, 0, 0, 0, 0});
  std::vector<Affine> transforms = crop_transforms(rule, lying, 0, 1);
  keep_inside(rule, {100, 90}, transforms);
  const Point first = at(transforms[0], -0.5f, -0.5f), last = at(transforms[0], 15.5f, 15.5f);
  near({first.x + 0.5f, first.y + 0.5f, last.x + 0.5f, last.y + 0.5f}, {60, 30, 0, 70});
}
