#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "kernels/watched.hpp"
#include "rostro/rostro.hpp"

using namespace rostro;

namespace {

/// The lowest and the highest level of this machine, which take turns.
struct Side {
  simd::Level level;
  KernelTable kernels;
  std::atomic<int> calls{0};
};
std::array<Side, 2>& sides() {
  static std::array<Side, 2> both = {{{simd::levels().front(), kernels(simd::levels().front())},
                                      {simd::levels().back(), kernels(simd::levels().back())}}};
  return both;
}

/// Every kernel of one side makes the process use the other one.
template <std::size_t side>
struct SwitchLevels {
  SwitchLevels() {
    ++sides()[side].calls;
    simd::use(sides()[1 - side].level);
  }
  static const KernelTable& kernels() { return sides()[side].kernels; }
};

/// Puts other kernels into the table of a level for as long as it lives. Tables are const for
/// everybody else.
class Replaced {
 public:
  Replaced(simd::Level level, const KernelTable& table)
      : table_(const_cast<KernelTable&>(kernels(level))), before_(table_) {
    table_ = table;
  }
  ~Replaced() { table_ = before_; }
  Replaced(const Replaced&) = delete;
  Replaced& operator=(const Replaced&) = delete;

 private:
  KernelTable& table_;
  KernelTable before_;
};

/// Runs `call` from either level; all its kernels have to be of the level that it began with,
/// though each of them switches the level.
void stays_on_one_level(const std::function<void()>& call) {
  if (simd::levels().size() < 2) return;
  const simd::Level before = simd::level();
  {
    const Replaced low(sides()[0].level, rig::watched<SwitchLevels<0>>());
    const Replaced high(sides()[1].level, rig::watched<SwitchLevels<1>>());
    for (std::size_t run = 0; run < 100; ++run) {
      const std::size_t first = run % 2;
      for (Side& side : sides()) side.calls = 0;
      simd::use(sides()[first].level);
      call();
      REQUIRE(sides()[first].calls > 0);
      REQUIRE(sides()[1 - first].calls == 0);
    }
  }
  simd::use(before);
}

}  // namespace

TEST_CASE("one level: a search, on one thread and on several") {
  const std::vector<std::int8_t> codes(640 * 32, 1);
  const std::vector<float> scales(640, 1.0f);
  const Templates templates{codes.data(), scales.data(), 640, 32};
  for (const std::size_t queries : {1u, 8u}) {  // of rows as they are, and of packed ones
    for (const int threads : {1, 5}) {
      CAPTURE(queries);
      CAPTURE(threads);
      stays_on_one_level([&] {
        search_int8(templates, {codes.data(), scales.data(), queries, 32}, 3, {nullptr, threads});
      });
    }
  }
}

TEST_CASE("one level: quantisation") {
  const std::vector<float> embeddings(16 * 20, 0.5f);
  std::vector<std::int8_t> codes(embeddings.size());
  std::vector<float> row_scales(20);
  stays_on_one_level(
      [&] { quantize_embeddings(embeddings.data(), 20, 16, codes.data(), row_scales.data()); });
}

TEST_CASE("one level: decoding, all strides of a head") {
  for (const std::string name : {"scrfd", "yunet"}) {
    CAPTURE(name);
    const Head& head = find_head(name);
    std::vector<std::vector<float>> arrays;
    std::vector<OutputView> views;
    for (const HeadOutput& output : head.outputs) {
      const auto columns = static_cast<std::size_t>(output.columns);
      for (const Level& level : head.levels) {
        const auto side = static_cast<std::size_t>(64 / level.stride);
        const std::size_t anchors = side * side * static_cast<std::size_t>(level.anchors);
        arrays.emplace_back(anchors * columns, 0.8f);
        views.push_back({nullptr, anchors, columns});
      }
    }
    for (std::size_t i = 0; i < arrays.size(); ++i) views[i].data = arrays[i].data();
    stays_on_one_level([&] { decode(head, views, {64, 64}, 0.5f, 1000); });
  }
}

TEST_CASE("one level: suppression") {
  std::vector<float> boxes, scores(50, 0.9f);
  for (int i = 0; i < 50; ++i) {
    const float x = static_cast<float>(4 * i);
    boxes.insert(boxes.end(), {x, 0, x + 10, 10});
  }
  stays_on_one_level([&] { nms_hard(boxes.data(), scores.data(), 50, 0.5f, 50); });
  stays_on_one_level([&] { nms_soft(boxes.data(), scores.data(), 50, {}, 50); });
}

TEST_CASE("one level: images") {
  const std::vector<std::uint8_t> pixels(64 * 48 * 2, 100);
  const ImageView image{pixels.data(), {64, 48}, 64 * 2, PixelFormat::yuyv};
  const LetterboxLayout layout{{32, 32}};
  std::vector<float> tensor(3 * 32 * 32);
  std::vector<std::uint8_t> bytes(tensor.size());
  stays_on_one_level([&] { letterbox_f32(image, layout, {}, tensor.data()); });
  stays_on_one_level([&] { letterbox_u8(image, layout, ChannelOrder::bgr, bytes.data()); });
  const float box[] = {4, 4, 40, 40};
  stays_on_one_level(
      [&] { crop_boxes_u8(image, box, 1, {32, 32}, ChannelOrder::bgr, bytes.data()); });
  stays_on_one_level([&] { crop_boxes_f32(image, box, 1, {32, 32}, {}, tensor.data()); });
}
