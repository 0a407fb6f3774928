#include <doctest/doctest.h>

#include <vector>

#include "rostro/decode.hpp"
#include "rostro/letterbox.hpp"
#include "rostro/nms.hpp"
#include "support/allocations.hpp"

using namespace rostro;
using testing::allocations_of;

TEST_CASE("allocations: letterbox asks for no memory from the second frame on") {
  const std::vector<std::uint8_t> pixels(640 * 480 * 3, 100);
  const ImageView image{pixels.data(), {640, 480}, 640 * 3, PixelFormat::bgr};
  std::vector<float> tensor(3 * 320 * 320);
  const auto frame = [&] { letterbox_f32(image, {{320, 320}}, {}, tensor.data()); };
  CHECK(allocations_of(frame) > 0);
  CHECK(allocations_of(frame) == 0);
}

TEST_CASE("allocations: decode asks for no memory from the second frame on, for any head") {
  for (const Head& head : heads()) {
    CAPTURE(head.name);
    const Size input{128, 128};
    std::vector<std::vector<float>> arrays;
    std::vector<OutputView> views;
    for (const HeadOutput& output : head.outputs) {
      const auto columns = static_cast<std::size_t>(output.columns);
      std::size_t stacked = head.levels.empty() ? 50 : 0;
      std::vector<std::size_t> rows;
      for (const Level& level : head.levels) {
        const auto cells = static_cast<std::size_t>((128 + level.stride - 1) / level.stride);
        rows.push_back(cells * cells * static_cast<std::size_t>(level.anchors));
        stacked += rows.back();
      }
      if (head.stacked || head.levels.empty()) rows = {stacked};
      for (const std::size_t n : rows) {
        arrays.emplace_back(n * columns, 0.8f);
        // Proposals are corners, and such as have no area are no faces.
        for (std::size_t i = 2; i < n * columns && head.codec == Codec::proposal; i += columns) {
          arrays.back()[i] = arrays.back()[i + 1] = 90;
        }
        views.push_back({nullptr, n, columns});
      }
    }
    for (std::size_t i = 0; i < arrays.size(); ++i) views[i].data = arrays[i].data();
    Faces found;
    const auto frame = [&] { decode(head, views, input, 0.5f, 1000, found); };
    frame();
    REQUIRE(found.size() > 0);
    CHECK(allocations_of(frame) == 0);
  }
}

TEST_CASE("allocations: nms asks for no memory from the second frame on") {
  std::vector<float> boxes, scores;
  for (int i = 0; i < 300; ++i) {
    const float x = static_cast<float>(i % 40);
    boxes.insert(boxes.end(), {x, x, x + 20, x + 20});
    scores.push_back(static_cast<float>(i % 7) / 7);
  }
  std::vector<std::int64_t> kept;
  const auto frame = [&] { nms_hard(boxes.data(), scores.data(), 300, 0.5f, 300, kept); };
  CHECK(allocations_of(frame) > 0);
  REQUIRE(kept.size() > 1);
  CHECK(allocations_of(frame) == 0);
}
