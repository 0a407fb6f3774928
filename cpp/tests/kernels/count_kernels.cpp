// Calls every kernel of every level once, at a size that is typical, between two calls of
// count_here: tools/arm64/counts counts the instructions from one to the next. Prints what it
// calls.

#include <cstdint>
#include <cstdio>
#include <random>
#include <string_view>
#include <vector>

#include "image/resample_taps.hpp"
#include "rostro/simd.hpp"
#include "simd/dispatch.hpp"

extern "C" [[gnu::noinline]] void count_here() { __asm__ volatile("" ::: "memory"); }

using namespace rostro;

namespace {

constexpr int kFrame = 1280;  // pixels a row of a camera frame
constexpr int kLarge = 1920;  // and of a large one
constexpr int kInput = 640;   // and of a network's input
constexpr int kCrop = 112;    // and of an aligned face
constexpr std::size_t kScores = 6400;
constexpr std::size_t kBoxes = 1000;
constexpr std::size_t kDim = 512;

std::mt19937& random_numbers() {
  static std::mt19937 random(1);
  return random;
}

template <typename T>
std::vector<T> random_vector(std::size_t size, double low, double high) {
  std::uniform_real_distribution<double> value(low, high);
  std::vector<T> result(size);
  for (T& element : result) element = static_cast<T>(value(random_numbers()));
  return result;
}

/// Calls the kernel of each level that has one of its own.
template <typename Kernel, typename Call>
void count(std::string_view work, Kernel KernelTable::* member, const Call& call) {
  Kernel previous = nullptr;
  for (const simd::Level level : simd::levels()) {
    const Kernel kernel = kernels(level).*member;
    if (kernel == previous) continue;
    previous = kernel;
    std::printf("%s|%s\n", std::string(work).c_str(), std::string(simd::name(level)).c_str());
    count_here();
    call(kernel);
    count_here();
  }
}

void count_letterbox() {
  const auto pixels = random_vector<std::uint8_t>(4 * 3 * kFrame, 0, 256);
  std::vector<std::int16_t> blended(3 * (kLarge + kPlanePadding));
  std::int16_t* planes[3];
  const std::uint8_t* rows[4];
  const std::int16_t weights[4] = {0, 8192, 8192, 8192};
  for (int c = 0; c < 3; ++c) planes[c] = blended.data() + c * (kLarge + kPlanePadding);
  for (int j = 0; j < 4; ++j) rows[j] = pixels.data() + j * 3 * kFrame;
  count("blend_rows: 2 rows, 1280 pixels", &KernelTable::blend_rows,
        [&](auto kernel) { kernel(rows, weights, 2, kFrame, 3, 0, planes); });
  count("blend_rows: 4 rows, 1280 pixels", &KernelTable::blend_rows,
        [&](auto kernel) { kernel(rows, weights, 4, kFrame, 3, 0, planes); });
  count("sum_rows: 2 rows, 1280 pixels", &KernelTable::sum_rows,
        [&](auto kernel) { kernel(rows, 2, kFrame, 3, 0, planes); });

  std::vector<float> tensor(3 * kInput);
  float* const out[3] = {tensor.data(), tensor.data() + kInput, tensor.data() + 2 * kInput};
  const float scale[3] = {1, 1, 1}, bias[3] = {0, 0, 0};
  const auto resample = [&](std::string_view work, int source) {
    AxisTaps axis;
    axis.compute(source, kInput);
    ColumnTable columns;
    columns.compute(axis);
    count(work, &KernelTable::resample_row,
          [&](auto kernel) { kernel(planes, columns.view, kInput, scale, bias, out); });
  };
  resample("resample_row: 960 to 640 pixels", 960);
  resample("resample_row: 1920 to 640 pixels", kLarge);

  std::vector<std::uint8_t> bgr(3 * kFrame);
  const std::uint8_t* bytes = pixels.data();
  const YuvRow nv12{bytes, bytes + kFrame, bytes + kFrame + 1, 1, 2};
  const YuvRow yuyv{bytes, bytes + 1, bytes + 3, 2, 4};
  count("yuv_row: nv12, 1280 pixels", &KernelTable::yuv_row,
        [&](auto kernel) { kernel(nv12, kFrame, bgr.data()); });
  count("yuv_row: yuyv, 1280 pixels", &KernelTable::yuv_row,
        [&](auto kernel) { kernel(yuyv, kFrame, bgr.data()); });
}

void count_align() {
  const auto pixels = random_vector<std::uint8_t>(3 * 640 * 480, 0, 256);
  const Pixels frame{pixels.data(), 3 * 640, 640, 480};
  const float matrix[6] = {1.2F, 0.1F, 200, -0.1F, 1.2F, 150};
  std::vector<std::uint8_t> crop(3 * kCrop);
  count("warp_row: 112 pixels", &KernelTable::warp_row,
        [&](auto kernel) { kernel(frame, matrix, 50, kCrop, false, crop.data()); });
  std::vector<float> tensor(3 * kCrop);
  float* const out[3] = {tensor.data(), tensor.data() + kCrop, tensor.data() + 2 * kCrop};
  const float scale[3] = {1, 1, 1}, bias[3] = {0, 0, 0};
  count("normalize_row: 112 pixels", &KernelTable::normalize_row,
        [&](auto kernel) { kernel(crop.data(), kCrop, scale, bias, out); });
}

/// As an image with one face: of all scores, four in a row reach the threshold.
void count_decode() {
  auto scores = random_vector<float>(kScores, 0, 0.3);
  for (std::size_t i = 3000; i < 3004; ++i) scores[i] = 0.9F;
  std::vector<std::uint32_t> indices(kScores + kSelectPadding);
  std::vector<float> kept(kScores + kSelectPadding);
  count("select_scores: 6400 scores", &KernelTable::select_scores,
        [&](auto kernel) { kernel(scores.data(), kScores, 0.5F, indices.data()); });
  count("select_products: 6400 scores", &KernelTable::select_products, [&](auto kernel) {
    kernel(scores.data(), scores.data(), kScores, 0.5F, indices.data(), kept.data());
  });
}

/// Boxes of which none meets the first, as is the rule.
void count_nms() {
  const auto x1 = random_vector<float>(kBoxes, 100, 600),
             y1 = random_vector<float>(kBoxes, 100, 400);
  std::vector<float> x2, y2;
  for (const float x : x1) x2.push_back(x + 20);
  for (const float y : y1) y2.push_back(y + 20);
  std::vector<float> left = x1, top = y1, right = x2, bottom = y2;
  left[0] = top[0] = 0;
  right[0] = bottom[0] = 20;
  const std::vector<float> area(kBoxes, 400);
  const BoxArrays boxes{left.data(), top.data(), right.data(), bottom.data(), area.data()};
  std::vector<float> iou(kBoxes);
  std::vector<std::uint8_t> suppressed(kBoxes);
  count("iou_row: 1000 boxes", &KernelTable::iou_row,
        [&](auto kernel) { kernel(boxes, 0, 0, kBoxes, iou.data()); });
  count("suppress_row: 1000 boxes", &KernelTable::suppress_row,
        [&](auto kernel) { kernel(boxes, 0, 0, kBoxes, 0.4F, suppressed.data()); });
}

void count_match() {
  const auto embedding = random_vector<float>(kDim, -0.1, 0.1);
  std::vector<std::int8_t> codes(kDim);
  count("quantize_row: 512 numbers", &KernelTable::quantize_row,
        [&](auto kernel) { kernel(embedding.data(), kDim, codes.data()); });

  const auto rows = random_vector<std::int8_t>(kMatchRows * kDim + kMatchPadding, -127, 127);
  const auto four = random_vector<std::int8_t>(kMatchQueries * kDim, -127, 127);
  const std::int32_t sums[kMatchQueries] = {};
  const QueryCodes queries{four.data(), sums, kDim};
  std::vector<std::int8_t> packed(kMatchRows * kDim + kMatchPadding);
  std::vector<std::int32_t> dots(kMatchQueries * kMatchRows);
  count("dot_rows: 64 rows of 512 codes", &KernelTable::dot_rows,
        [&](auto kernel) { kernel(rows.data(), kMatchRows, kDim, queries, dots.data()); });
  count("pack_rows: 64 rows of 512 codes", &KernelTable::pack_rows,
        [&](auto kernel) { kernel(rows.data(), kDim, packed.data()); });
  count("dot_packed: 64 rows, 4 queries", &KernelTable::dot_packed,
        [&](auto kernel) { kernel(packed.data(), kDim, queries, dots.data()); });
  const std::vector<float> scales(kMatchRows, 0.001F);
  count("select_above: 64 rows", &KernelTable::select_above,
        [&](auto kernel) { kernel(dots.data(), scales.data(), 0.001F, 1e9F); });
}

}  // namespace

int main() {
  std::puts("nothing|");
  count_here();
  count_here();
  count_letterbox();
  count_align();
  count_decode();
  count_nms();
  count_match();
}
