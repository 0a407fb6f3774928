#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "rostro/error.hpp"
#include "rostro/quality.hpp"
#include "rostro/simd.hpp"
#include "rostro/templates.hpp"

namespace rostro {

namespace {

constexpr int kWidth = 200, kHeight = 160;

/// Noise, and its view.
struct Picture {
  explicit Picture(int low = 40, int high = 200) : bytes(3 * kWidth * kHeight) {
    std::mt19937 random(1);
    std::uniform_int_distribution<int> value(low, high);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(value(random));
  }

  ImageView view() const { return {bytes.data(), {kWidth, kHeight}, 3 * kWidth}; }

  std::vector<std::uint8_t> bytes;
};

/// A frontal face whose aligned crop begins at x, y.
Faces face_at(float x, float y) {
  Faces faces(1);
  const float box[4] = {x + 16, y + 13, x + 97, y + 112};
  std::copy_n(box, 4, faces.add<float>(columns::boxes));
  *faces.add<float>(columns::scores) = 0.95f;
  const CropTemplate points = find_template("arcface", {112, 112});
  float* to = faces.add<float>(columns::landmarks);
  for (const Point& point : points.points) {
    *to++ = point.x + x;
    *to++ = point.y + y;
  }
  return faces;
}

float measured(const Faces& table, QualityMeasure measure) {
  return table.get(columns::measured)[static_cast<std::size_t>(measure)];
}

const Quality& usual() {
  static const Quality kQuality(quality_limits(QualityPurpose::recognize));
  return kQuality;
}

}  // namespace

TEST_CASE("a face is measured, and the same at every level") {
  const Picture picture;
  const Faces faces = face_at(30.25f, 20.5f);
  const auto before = simd::level();
  std::vector<Faces> tables;
  for (const auto level : simd::levels()) {
    simd::use(level);
    tables.push_back(usual().measure(picture.view(), faces));
  }
  simd::use(before);
  for (const Faces& table : tables) {
    CHECK(table.get(columns::quality)[0] == tables.front().get(columns::quality)[0]);
    for (std::size_t i = 0; i < kQualityMeasures; ++i) {
      const float value = table.get(columns::measured)[i];
      const float first = tables.front().get(columns::measured)[i];
      CHECK((value == first || (std::isnan(value) && std::isnan(first))));
    }
  }
  CHECK(measured(tables.front(), QualityMeasure::inter_eye_distance) ==
        doctest::Approx(35.24).epsilon(0.01));
  CHECK(std::isnan(measured(tables.front(), QualityMeasure::eyes_open)));
}

TEST_CASE("what is beyond a limit has its reason, what is not judged has none") {
  const Picture dark(0, 20);
  QualityNumbers limits = quality_limits(QualityPurpose::enroll);
  const auto reasons = [&] {
    return *Quality(limits)
                .measure(dark.view(), face_at(30, 20))
                .get<std::uint32_t>(columns::reasons);
  };
  CHECK((reasons() & reason::dark) != 0);
  limits[static_cast<std::size_t>(QualityMeasure::under_exposure)] =
      std::numeric_limits<float>::quiet_NaN();
  CHECK((reasons() & reason::dark) == 0);
  limits[0] = std::numeric_limits<float>::infinity();
  CHECK_THROWS_AS(Quality{limits}, InvalidArgument);
}

TEST_CASE("a face that is not in the image has no quality") {
  const Picture picture;
  const Faces outside = usual().measure(picture.view(), face_at(5000, 20));
  CHECK(outside.get(columns::quality)[0] == 0);
  CHECK((*outside.get<std::uint32_t>(columns::reasons) & reason::uncertain) != 0);
  CHECK(std::isnan(measured(outside, QualityMeasure::sharpness)));
}

TEST_CASE("tables without faces, and without boxes") {
  const Picture picture;
  CHECK(usual().measure(picture.view(), Faces(0)).size() == 0);
  CHECK_THROWS_AS(usual().measure(picture.view(), Faces(1)), InvalidArgument);
}

}  // namespace rostro
