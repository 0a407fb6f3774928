#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "rostro/error.hpp"
#include "rostro/landmarker.hpp"
#include "rostro/schemes.hpp"

using namespace rostro;

namespace {

LandmarkerSettings five(PointCodec codec) {
  LandmarkerSettings settings;
  settings.name = "net";
  settings.scheme = "five";
  settings.crop.size = {8, 8};
  settings.codec = codec;
  return settings;
}

}  // namespace

TEST_CASE("landmarker: coordinates of a crop come back to the pixels they are at") {
  LandmarkerSettings settings = five(PointCodec::coordinates);
  settings.low = -0.5f;
  settings.high = 7.5f;  // pixels of the crop
  const Landmarker landmarker(settings);
  Faces faces(2);
  const std::vector<float> boxes = {2, 3, 10, 11, 4, 4, 20, 20};
  std::copy(boxes.begin(), boxes.end(), faces.add<float>(columns::boxes));
  std::vector<std::uint8_t> pixels(30 * 30 * 3, 7);
  std::vector<float> tensor(2 * 3 * 64);
  const auto transforms = landmarker.prepare({pixels.data(), {30, 30}, 90, PixelFormat::bgr}, faces,
                                             0, 2, tensor.data());
  REQUIRE(transforms.size() == 2);
  CHECK(tensor.front() == 7);
  std::vector<float> numbers(20);
  for (std::size_t i = 0; i < 20; ++i) numbers[i] = static_cast<float>(i % 10);
  std::vector<float> points(20), presence(2);
  landmarker.finish({{numbers.data(), 2, 10}, {}, {}}, transforms, points.data(), presence.data());
  for (std::size_t i = 0; i < 5; ++i) {
    const float at = 2 * static_cast<float>(i);
    CHECK(points[2 * i] == doctest::Approx(2 + at));              // the box is the crop
    CHECK(points[10 + 2 * i] == doctest::Approx(4.5f + 2 * at));  // twice as large
    CHECK(points[11 + 2 * i] == doctest::Approx(6.5f + 2 * at));
  }
  CHECK(presence == std::vector<float>{1, 1});
}

TEST_CASE("landmarker: a network that gives no numbers, or too few, is said") {
  const Landmarker landmarker(five(PointCodec::coordinates));
  std::vector<float> numbers(10, std::numeric_limits<float>::infinity()), points(10), presence(1);
  CHECK_THROWS_AS(landmarker.finish({{numbers.data(), 1, 10}, {}, {}}, {Affine{}}, points.data(),
                                    presence.data()),
                  NetworkError);
  CHECK_THROWS_AS(landmarker.finish({{numbers.data(), 1, 9}, {}, {}}, {Affine{}}, points.data(),
                                    presence.data()),
                  ModelMismatch);
  const Landmarker maps(five(PointCodec::quarter));
  CHECK_THROWS_AS(
      maps.finish({{numbers.data(), 1, 1, 5}, {}, {}}, {Affine{}}, points.data(), presence.data()),
      ModelMismatch);
}

TEST_CASE("schemes: every conversion takes points that are there, and all landmarks differ") {
  const char* names[] = {"five", "ibug68", "ibug66", "wflw98", "jd106", "mesh468", "mesh478"};
  for (const char* from : names) {
    for (const char* to : names) {
      std::vector<PointGroup> conversion;
      try {
        conversion = scheme_conversion(from, to);
      } catch (const InvalidArgument&) {
        continue;
      }
      CHECK(conversion.size() == find_scheme(to).count);
      for (std::size_t i = 0; i < conversion.size(); ++i) {
        REQUIRE(!conversion[i].empty());
        for (const auto index : conversion[i]) CHECK(index < find_scheme(from).count);
        for (std::size_t j = 0; j < i; ++j) CHECK(conversion[i] != conversion[j]);
      }
    }
  }
}
