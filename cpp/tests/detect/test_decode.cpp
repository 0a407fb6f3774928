#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "rostro/decode.hpp"
#include "rostro/error.hpp"
#include "support/columns.hpp"

using namespace rostro;

namespace {

/// The outputs of a head for an input of 64x32, all zero.
struct Outputs {
  explicit Outputs(std::vector<std::size_t> columns, std::size_t anchors = 1) {
    for (const std::size_t c : columns) {
      for (const int stride : {8, 16, 32}) {
        const auto cells = static_cast<std::size_t>((64 / stride) * (32 / stride));
        arrays.emplace_back(cells * anchors * c, 0.0f);
        views.push_back({nullptr, cells * anchors, c});
      }
    }
    for (std::size_t i = 0; i < arrays.size(); ++i) views[i].data = arrays[i].data();
  }

  std::vector<std::vector<float>> arrays;
  std::vector<OutputView> views;
};

const Size kInput{64, 32};

}  // namespace

TEST_CASE("decode: a YuNet cell becomes the box and the points of its formulas") {
  Outputs outputs({1, 1, 4, 10});
  const std::size_t cell = 1 * 4 + 2;  // stride 16: column 2, row 1
  outputs.arrays[1][cell] = 0.81f;
  outputs.arrays[4][cell] = 1.7f;  // clamped to 1
  const float box[] = {0.5f, 0.25f, std::log(2.0f), 0.0f};
  std::copy(box, box + 4, &outputs.arrays[7][4 * cell]);
  outputs.arrays[10][10 * cell] = 0.5f;
  outputs.arrays[10][10 * cell + 9] = -0.5f;
  const Faces found = decode(find_head("yunet"), outputs.views, kInput, 0.5f, 100);
  REQUIRE(found.size() == 1);
  CHECK(numbers(found, columns::scores)[0] == doctest::Approx(0.9));
  CHECK(numbers(found, columns::boxes)[0] == doctest::Approx(40 - 16));
  CHECK(numbers(found, columns::boxes)[1] == doctest::Approx(20 - 8));
  CHECK(numbers(found, columns::boxes)[2] == doctest::Approx(40 + 16));
  CHECK(numbers(found, columns::boxes)[3] == doctest::Approx(20 + 8));
  CHECK(numbers(found, columns::landmarks)[0] == doctest::Approx(40));
  CHECK(numbers(found, columns::landmarks)[9] == doctest::Approx(8));
}

TEST_CASE("decode: SCRFD's second anchor of a cell, with and without points") {
  for (const bool points : {true, false}) {
    Outputs outputs(points ? std::vector<std::size_t>{1, 4, 10} : std::vector<std::size_t>{1, 4},
                    2);
    const std::size_t anchor = (2 * 8 + 3) * 2 + 1;  // stride 8: column 3, row 2
    outputs.arrays[0][anchor] = 0.6f;
    const float box[] = {1, 2, 3, 4};
    std::copy(box, box + 4, &outputs.arrays[3][4 * anchor]);
    const Faces found = decode(find_head("scrfd"), outputs.views, kInput, 0.5f, 100);
    REQUIRE(found.size() == 1);
    CHECK(numbers(found, columns::boxes) == std::vector<float>{24 - 8, 16 - 16, 24 + 24, 16 + 32});
    CHECK(numbers(found, columns::landmarks).size() == (points ? 10 : 0));
  }
}

TEST_CASE("decode: best first, ties by anchor, at most top_k, NaN never") {
  Outputs outputs({1, 4}, 2);
  std::fill(outputs.arrays[0].begin(), outputs.arrays[0].end(), 0.1f);
  outputs.arrays[0][5] = 0.7f;
  outputs.arrays[0][9] = 0.8f;
  outputs.arrays[0][20] = 0.7f;
  outputs.arrays[0][21] = std::numeric_limits<float>::quiet_NaN();
  outputs.arrays[1][3] = 0.7f;
  const auto found = decode(find_head("scrfd"), outputs.views, kInput, 0.5f, 3);
  CHECK(numbers(found, columns::scores) == std::vector<float>{0.8f, 0.7f, 0.7f});
  CHECK(numbers(found, columns::boxes)[4] == 16.0f);  // anchor 5 is cell 2, before anchor 20
  CHECK(decode(find_head("scrfd"), outputs.views, kInput, 0.5f, 0).size() == 0);
}

TEST_CASE("decode: outputs that do not fit are named") {
  Outputs outputs({1, 1, 4, 10});
  const Head& head = find_head("yunet");
  CHECK_THROWS_WITH_AS(decode(head, outputs.views, {64, 64}, 0.5f, 1),
                       doctest::Contains("outputs[0]"), InvalidArgument);
  CHECK_THROWS_WITH_AS(decode(head, outputs.views, {60, 32}, 0.5f, 1),
                       doctest::Contains("multiples of 32"), InvalidArgument);
  CHECK_THROWS_AS(decode(head, outputs.views, kInput, NAN, 1), InvalidArgument);
  outputs.views.pop_back();
  CHECK_THROWS_WITH_AS(decode(head, outputs.views, kInput, 0.5f, 1), doctest::Contains("11 arrays"),
                       InvalidArgument);
  CHECK_THROWS_WITH_AS(find_head("yolo99"), doctest::Contains("scrfd"), InvalidArgument);
}
