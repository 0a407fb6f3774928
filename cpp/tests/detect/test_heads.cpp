#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "rostro/decode.hpp"
#include "rostro/error.hpp"
#include "support/columns.hpp"

using namespace rostro;

namespace {

Faces decode_one(const char* head, const std::vector<OutputView>& views, Size input) {
  return decode(find_head(head, views.size()), views, input, 0.5f, 10);
}

}  // namespace

// tests/reference_heads.py holds the authors' decoding of every head, on whole outputs; here is one
// face for each kind of codec and layout.

TEST_CASE("heads: a RetinaFace prior") {
  std::vector<float> boxes(42 * 4), scores(42 * 2), points(42 * 10);
  const std::size_t anchor = 32 + 2 * 3 + 1;  // stride 16, row 1, column 1, size 128
  scores[2 * anchor + 1] = 0.9f;
  boxes[4 * anchor] = 1;                       // 0.1 x 128 to the right
  boxes[4 * anchor + 3] = 5 * std::log(2.0f);  // twice as high
  points[10 * anchor + 9] = -10;               // 128 above
  const auto found = decode_one(
      "retinaface", {{boxes.data(), 42, 4}, {scores.data(), 42, 2}, {points.data(), 42, 10}},
      {32, 32});
  REQUIRE(found.size() == 1);
  CHECK(numbers(found, columns::boxes)[0] == doctest::Approx(24 + 12.8 - 64));
  CHECK(numbers(found, columns::boxes)[1] == doctest::Approx(24 - 128));
  CHECK(numbers(found, columns::boxes)[2] == doctest::Approx(24 + 12.8 + 64));
  CHECK(numbers(found, columns::boxes)[3] == doctest::Approx(24 + 128));
  CHECK(numbers(found, columns::landmarks)[0] == doctest::Approx(24));
  CHECK(numbers(found, columns::landmarks)[9] == doctest::Approx(24 - 128));
}

TEST_CASE("heads: an MXNet RetinaFace anchor, planar and with widths that count both ends") {
  const std::size_t cells[] = {16, 4, 1};
  std::vector<std::vector<float>> arrays;
  std::vector<OutputView> views;
  for (const std::size_t planes : {4u, 8u, 20u}) {
    for (const std::size_t n : cells) arrays.emplace_back(planes * n, 0.0f);
  }
  arrays[0][3 * 16 + 5] = 0.8f;  // face, second anchor (16), row 1, column 1 of stride 8
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    const std::size_t side = i % 3 == 0 ? 4 : i % 3 == 1 ? 2 : 1;
    views.push_back({arrays[i].data(), side, side, arrays[i].size() / (side * side)});
  }
  const auto found = decode_one("retinaface-mxnet", views, {32, 32});
  REQUIRE(found.size() == 1);
  CHECK(numbers(found, columns::boxes) == std::vector<float>{8, 8, 23, 23});
  CHECK(numbers(found, columns::landmarks)[0] == 15.5f);
}

TEST_CASE("heads: Ultra-Light's cells share a side that is no multiple of their stride") {
  const std::size_t n = 4420;  // 320x240: 4 cells of 60 pixels at stride 64
  std::vector<float> boxes(n * 4), scores(n * 2);
  scores[2 * (n - 1) + 1] = 0.9f;  // the last prior: 256 wide, as high as the input
  const auto found =
      decode_one("ultralight", {{scores.data(), n, 2}, {boxes.data(), n, 4}}, {320, 240});
  REQUIRE(found.size() == 1);
  CHECK(numbers(found, columns::boxes) ==
        std::vector<float>{288 - 128, 210 - 120, 288 + 128, 210 + 120});
  CHECK(numbers(found, columns::landmarks).empty());
}

TEST_CASE("heads: a mean of YOLOv8-face's bins, and a sigmoid") {
  std::vector<float> planes[3] = {std::vector<float>(80 * 16, -9.0f),
                                  std::vector<float>(80 * 4, -9.0f), std::vector<float>(80, -9.0f)};
  planes[2][64] = 0;                                   // score 0.5, cell 0 of stride 32
  planes[2][0 * 16 + 3] = 30;                          // left: 3 strides
  planes[2][1 * 16 + 2] = planes[2][1 * 16 + 5] = 30;  // top: 3.5
  planes[2][65] = 0.25f;
  const auto found = decode_one(
      "yolov8-face",
      {{planes[0].data(), 4, 4, 80}, {planes[1].data(), 2, 2, 80}, {planes[2].data(), 1, 1, 80}},
      {32, 32});
  REQUIRE(found.size() == 1);
  CHECK(numbers(found, columns::scores)[0] == 0.5f);
  CHECK(numbers(found, columns::boxes)[0] == doctest::Approx(16 - 96));
  CHECK(numbers(found, columns::boxes)[1] == doctest::Approx(16 - 112));
  CHECK(numbers(found, columns::boxes)[2] == doctest::Approx(16 + 7.5 * 32));
  CHECK(numbers(found, columns::landmarks)[0] == doctest::Approx(16));
}

TEST_CASE("heads: Ultralytics' exports, an anchor a column") {
  const std::size_t n = 8 * 4 + 4 * 2 + 2;  // 64x32
  std::vector<float> columns(20 * n);
  const std::size_t anchor = 32 + 5;  // of stride 16
  const float face[] = {30, 16, 10, 20, 0.8f, 25, 10, 1,  35, 11,
                        1,  30, 16, 0,  26,   22, 1,  34, 23, 0};
  for (std::size_t i = 0; i < 20; ++i) columns[i * n + anchor] = face[i];
  columns[4 * n + n - 1] = 0.6f;
  const auto found = decode_one("ultralytics-face", {{columns.data(), 20, n}}, {64, 32});
  REQUIRE(found.size() == 2);
  CHECK(numbers(found, columns::scores) == std::vector<float>{0.8f, 0.6f});
  CHECK(numbers(found, columns::boxes)[0] == 25);
  CHECK(numbers(found, columns::boxes)[3] == 26);
  CHECK(numbers(found, columns::landmarks)[2] == 35);
  CHECK(numbers(found, columns::landmarks)[9] == 23);
  const auto boxes = decode_one("ultralytics-boxes", {{columns.data(), 5, n}}, {64, 32});
  CHECK(numbers(boxes, columns::boxes) == numbers(found, columns::boxes));
  CHECK(numbers(boxes, columns::landmarks).empty());
}

TEST_CASE("heads: MOS's angles") {
  std::vector<float> boxes(42 * 4), scores(42 * 2), points(42 * 10), yaw(42 * 66), pitch(42 * 66),
      roll(42 * 66);
  scores[3] = 0.9f;
  yaw[66 + 43] = 1;                        // 30 degrees to the image's left
  pitch[66 + 33] = pitch[66 + 34] = 0.5f;  // up
  roll[66] = 1;
  const auto found = decode_one("mos",
                                {{boxes.data(), 42, 4},
                                 {scores.data(), 42, 2},
                                 {points.data(), 42, 10},
                                 {yaw.data(), 42, 66},
                                 {pitch.data(), 42, 66},
                                 {roll.data(), 42, 66}},
                                {32, 32});
  CHECK(numbers(found, columns::poses) == std::vector<float>{-30, 1.5f, -99});
}

TEST_CASE("heads: DirectMHP's heads, one of them seen from behind") {
  const float rows[] = {30, 16, 10, 20, 1, 0.9f, 0.5f,  0.375f, 0.5f,   // 45 degrees to our left
                        50, 16, 10, 20, 1, 0.8f, 0.75f, 1.0f,   0.5f};  // pitch 45, yaw 180
  const auto found = decode_one("directmhp", {{rows, 2, 9}}, {64, 64});
  REQUIRE(found.size() == 2);
  CHECK(numbers(found, columns::boxes)[0] == 25);
  CHECK(numbers(found, columns::landmarks).empty());
  const auto poses = numbers(found, columns::poses);
  CHECK(poses[0] == doctest::Approx(45));
  CHECK(poses[1] == doctest::Approx(0));
  CHECK(std::abs(poses[3]) == doctest::Approx(180));
  CHECK(poses[4] == doctest::Approx(-45));
}

TEST_CASE("heads: img2pose's proposals, one in the middle and one behind the camera") {
  const float proposals[] = {25, 25, 75, 75, 0, 0, 50, 50};
  const float logits[] = {0, 2, 0, 3};
  float dofs[24] = {};
  dofs[11] = 2;  // twice the focal length of the crop's camera in its units ahead
  dofs[23] = -2;
  const auto found =
      decode_one("img2pose", {{proposals, 2, 4}, {logits, 2, 2}, {dofs, 2, 12}}, {100, 100});
  REQUIRE(found.size() == 1);
  CHECK(numbers(found, columns::scores)[0] == doctest::Approx(1 / (1 + std::exp(-2.0))));
  const auto where = numbers(found, columns::translations);
  CHECK(where[1] == doctest::Approx(0.0998451 * -0.43898).epsilon(1e-4));
  CHECK(where[2] == doctest::Approx(0.0998451 * (2 * 200 / 100.0 - 0.309007)).epsilon(1e-4));
  CHECK(std::abs(numbers(found, columns::poses)[0]) < 1);  // straight ahead
  const auto box = numbers(found, columns::boxes);
  CHECK(box[0] > 0);
  CHECK(box[3] < 100);
  CHECK(50 - box[1] < box[3] - 50 + 40);
}

TEST_CASE("heads: a network that proposes nothing") {
  const std::vector<OutputView> nothing = {{nullptr, 0, 4}, {nullptr, 0, 2}, {nullptr, 0, 12}};
  CHECK(decode_one("img2pose", nothing, {100, 100}).size() == 0);
  CHECK(decode_one("directmhp", {{nullptr, 0, 9}}, {64, 64}).size() == 0);
}

TEST_CASE("heads: those of one name differ in their outputs") {
  CHECK(find_head("scrfd", 9).levels.size() == 3);
  CHECK(find_head("scrfd", 10).levels.size() == 5);
  CHECK(find_head("scrfd").levels.size() == 3);
}

TEST_CASE("heads: NaN and infinities are found, and nothing else") {
  std::vector<float> one(100, std::numeric_limits<float>::max()), other(37, 0.0f);
  const std::vector<OutputView> views = {{one.data(), 10, 10}, {other.data(), 37, 1}};
  CHECK(find_not_finite(views) == 2);
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()}) {
    other[36] = bad;
    CHECK(find_not_finite(views) == 1);
  }
}
