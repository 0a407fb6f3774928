// Every kernel, and what is built of them, at every SIMD level of this machine. Names are
// topic/case/level; a run of one of them: rostro_benchmarks --benchmark_filter=warp_row/.*/avx2
//
// Peers are measured by peers.py. Figures of an emulator say nothing about speed.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "image/resample_taps.hpp"
#include "rostro/rostro.hpp"
#include "simd/dispatch.hpp"

using namespace rostro;

namespace {

template <typename T>
std::vector<T> noise(std::size_t n, double low, double high) {
  std::mt19937 random(static_cast<unsigned>(n));
  std::uniform_real_distribution<double> value(low, high);
  std::vector<T> result(n);
  for (T& element : result) element = static_cast<T>(value(random));
  return result;
}

using Body = std::function<void(const KernelTable&)>;

/// One benchmark a level; `body` owns its data and runs once an iteration.
void add(const std::string& name, const Body& body) {
  for (const simd::Level level : simd::levels()) {
    const std::string full = name + "/" + std::string(simd::name(level));
    benchmark::RegisterBenchmark(full.c_str(), [level, body](benchmark::State& state) {
      simd::use(level);
      for (auto _ : state) {
        body(kernels(level));
        benchmark::ClobberMemory();
      }
    });
  }
}

void add_letterbox(const std::string& name, Size source, Size target, PixelFormat format) {
  const int bytes = format == PixelFormat::yuyv ? 2 : format == PixelFormat::bgr ? 3 : 1;
  const int rows = format == PixelFormat::nv12 ? source.height * 3 / 2 : source.height;
  const auto image =
      noise<std::uint8_t>(static_cast<std::size_t>(rows * source.width * bytes), 0, 256);
  std::vector<float> tensor(static_cast<std::size_t>(3 * target.width * target.height));
  const TensorFormat wanted{ChannelOrder::rgb, {127.5f, 127.5f, 127.5f}, {128, 128, 128}};
  add("letterbox/" + name, [=](const KernelTable&) mutable {
    letterbox_f32({image.data(), source, source.width * bytes, format}, {target}, wanted,
                  tensor.data());
  });
}

void add_letterboxes() {
  add_letterbox("1080p_to_640", {1920, 1080}, {640, 640}, PixelFormat::bgr);
  add_letterbox("720p_to_640", {1280, 720}, {640, 640}, PixelFormat::bgr);
  add_letterbox("1000x700_to_640", {1000, 700}, {640, 640}, PixelFormat::bgr);
  add_letterbox("480p_as_it_is", {640, 480}, {640, 480}, PixelFormat::bgr);
  add_letterbox("480p_to_320", {640, 480}, {320, 320}, PixelFormat::bgr);
  add_letterbox("1080p_gray_to_640", {1920, 1080}, {640, 640}, PixelFormat::gray);
  add_letterbox("1080p_nv12_to_640", {1920, 1080}, {640, 640}, PixelFormat::nv12);
  add_letterbox("480p_yuyv_as_it_is", {640, 480}, {640, 480}, PixelFormat::yuyv);
}

constexpr int kWidth = 1920;

void add_rows_of_letterbox() {
  const auto bytes = noise<std::uint8_t>(9 * kWidth, 0, 256);
  constexpr std::size_t kPlane = kWidth + kPlanePadding;
  std::vector<std::int16_t> memory(3 * kPlane);
  const auto vertical = [=](bool sum) {
    return [=](const KernelTable& kernel) mutable {
      const std::uint8_t* const rows[3] = {bytes.data(), bytes.data() + 3 * kWidth,
                                           bytes.data() + 6 * kWidth};
      std::int16_t* const planes[3] = {memory.data(), memory.data() + kPlane,
                                       memory.data() + 2 * kPlane};
      const std::int16_t weights[3] = {8192, 16384, 8192};
      if (sum) {
        kernel.sum_rows(rows, 3, kWidth, 3, 0, planes);
      } else {
        kernel.blend_rows(rows, weights, 3, kWidth, 3, 0, planes);
      }
    };
  };
  add("blend_rows/1920x3", vertical(false));
  add("sum_rows/1920x3", vertical(true));

  for (const int width : {1281, 640, 300, 100}) {
    AxisTaps axis;
    axis.compute(kWidth, width);
    ColumnTable table;
    table.compute(axis);
    const auto plane = noise<std::int16_t>(kPlane, 0, 32640);
    std::vector<float> out(static_cast<std::size_t>(3 * width));
    add("resample_row/1920_to_" + std::to_string(width), [=](const KernelTable& kernel) mutable {
      const std::int16_t* const planes[3] = {plane.data(), plane.data(), plane.data()};
      float* const rows[3] = {out.data(), out.data() + width, out.data() + 2 * width};
      const float scale[3] = {1, 1, 1}, bias[3] = {0, 0, 0};
      const ColumnTaps taps{table.first.data(), table.weights.data(), table.view.taps,
                            table.view.stride};
      kernel.resample_row(planes, taps, width, scale, bias, rows);
    });
  }

  std::vector<std::uint8_t> bgr(3 * kWidth);
  for (const bool nv12 : {true, false}) {
    add(nv12 ? "yuv_row/nv12_1920" : "yuv_row/yuyv_1920", [=](const KernelTable& kernel) mutable {
      const std::uint8_t* y = bytes.data();
      const std::uint8_t* u = y + (nv12 ? kWidth : 1);
      const YuvRow row{y, u, nv12 ? u + 1 : y + 3, nv12 ? 1 : 2, nv12 ? 2 : 4};
      kernel.yuv_row(row, kWidth, bgr.data());
    });
  }

  std::vector<float> floats(3 * kWidth);
  add("normalize_row/1920", [=](const KernelTable& kernel) mutable {
    float* const planes[3] = {floats.data(), floats.data() + kWidth, floats.data() + 2 * kWidth};
    const float scale[3] = {1, 1, 1}, bias[3] = {0, 0, 0};
    kernel.normalize_row(bytes.data(), kWidth, scale, bias, planes);
  });
}

void add_align() {
  const auto image = noise<std::uint8_t>(3 * 1920 * 1080, 0, 256);
  const CropTemplate target = find_template("arcface", {112, 112});
  for (const bool border : {false, true}) {
    // Twice the template's size; at the border a third of the crop lies outside.
    Point face[kLandmarks];
    for (int i = 0; i < kLandmarks; ++i) {
      face[i] = {2 * target.points[i].x + (border ? -75.0f : 800.0f),
                 2 * target.points[i].y + 0.1f * target.points[i].x + 300.0f};
    }
    const std::vector<Point> landmarks(face, face + kLandmarks);
    const std::string place = border ? "at_the_border" : "inside";
    std::vector<std::uint8_t> crop(3 * 112 * 112);
    std::vector<float> tensor(crop.size());
    const ImageView view{image.data(), {1920, 1080}, 3 * 1920, PixelFormat::bgr};
    add("align_u8/" + place, [=](const KernelTable&) mutable {
      align_u8(view, landmarks.data(), 1, target, {112, 112}, ChannelOrder::rgb, crop.data());
    });
    add("align_f32/" + place, [=](const KernelTable&) mutable {
      align_f32(view, landmarks.data(), 1, target, {112, 112}, {ChannelOrder::rgb, {}, {1, 1, 1}},
                tensor.data());
    });
  }
  std::vector<std::uint8_t> row(3 * 112);
  add("warp_row/112", [=](const KernelTable& kernel) mutable {
    const float m[6] = {2, -0.1f, 300, 0.1f, 2, 300};
    kernel.warp_row({image.data(), 3 * 1920, 1920, 1080}, m, 50, 112, true, row.data());
  });
}

/// Outputs of SCRFD at 640x640 with so many candidates above 0.5.
struct Outputs {
  explicit Outputs(int candidates) {
    std::mt19937 random(1);
    for (const std::size_t columns : {1u, 4u, 10u}) {
      for (const std::size_t side : {80u, 40u, 20u}) {
        const std::size_t anchors = 2 * side * side;
        arrays.push_back(noise<float>(anchors * columns, 0.0, columns == 1 ? 0.4 : 4.0));
        shapes.push_back({nullptr, anchors, columns});
      }
    }
    for (int i = 0; i < candidates; ++i) {
      std::vector<float>& map = arrays[random() % 3];
      map[random() % map.size()] = 0.5f + 0.5f * static_cast<float>(random() % 1000) / 1000;
    }
  }

  std::vector<OutputView> views() const {
    std::vector<OutputView> result = shapes;
    for (std::size_t i = 0; i < result.size(); ++i) result[i].data = arrays[i].data();
    return result;
  }

  std::vector<std::vector<float>> arrays;
  std::vector<OutputView> shapes;
};

void add_decode_and_nms() {
  const Head& head = find_head("scrfd");
  for (const int candidates : {10, 1000}) {
    const Outputs outputs(candidates);
    const std::string name = "scrfd_" + std::to_string(candidates);
    add("decode/" + name, [=, &head](const KernelTable&) {
      benchmark::DoNotOptimize(decode(head, outputs.views(), {640, 640}, 0.5f, 5000));
    });
    const Faces found = decode(head, outputs.views(), {640, 640}, 0.5f, 5000);
    add("nms_hard/" + name, [=](const KernelTable&) {
      benchmark::DoNotOptimize(nms_hard(found.get(columns::boxes), found.get(columns::scores),
                                        found.size(), 0.4f, 5000));
    });
    add("nms_soft/" + name, [=](const KernelTable&) {
      benchmark::DoNotOptimize(
          nms_soft(found.get(columns::boxes), found.get(columns::scores), found.size(), {}, 5000));
    });
    add("nms_weighted/" + name,
        [=](const KernelTable&) { benchmark::DoNotOptimize(nms_weighted(found, 0.4f, 5000)); });
  }

  constexpr std::size_t kAnchors = 16800;
  const auto scores = noise<float>(kAnchors, 0.0, 0.6);
  std::vector<std::uint32_t> indices(kAnchors + kSelectPadding);
  std::vector<float> selected(indices.size());
  add("select_scores/16800", [=](const KernelTable& kernel) mutable {
    kernel.select_scores(scores.data(), kAnchors, 0.5999f, indices.data());
  });
  add("select_products/16800", [=](const KernelTable& kernel) mutable {
    kernel.select_products(scores.data(), scores.data(), kAnchors, 0.5999f, indices.data(),
                           selected.data());
  });

  constexpr std::size_t kBoxes = 1000;
  const auto low = noise<float>(kBoxes, 0.0, 600.0), high = noise<float>(kBoxes + 1, 600.0, 640.0);
  std::vector<float> iou(kBoxes);
  std::vector<std::uint8_t> suppressed(kBoxes);
  add("iou_row/1000", [=](const KernelTable& kernel) mutable {
    kernel.iou_row({low.data(), low.data(), high.data(), high.data(), high.data()}, 0, 1, kBoxes,
                   iou.data());
  });
  add("suppress_row/1000", [=](const KernelTable& kernel) mutable {
    kernel.suppress_row({low.data(), low.data(), high.data(), high.data(), high.data()}, 0, 1,
                        kBoxes, 0.99f, suppressed.data());
  });
}

void add_match() {
  constexpr std::size_t kRows = 20000;
  constexpr std::size_t kDim = 512;
  const auto embeddings = noise<float>(kRows * kDim, -1.0, 1.0);
  std::vector<std::int8_t> codes(kRows * kDim);
  std::vector<float> scales(kRows);
  quantize_embeddings(embeddings.data(), kRows, kDim, codes.data(), scales.data());
  for (const std::size_t queries : {1u, 64u}) {
    add("search_int8/20000x512_by_" + std::to_string(queries), [=](const KernelTable&) {
      const Templates all{codes.data(), scales.data(), kRows, kDim};
      const Templates some{codes.data(), scales.data(), queries, kDim};
      benchmark::DoNotOptimize(search_int8(all, some, 5));
    });
  }

  std::vector<std::int8_t> row(kDim);
  add("quantize_row/512", [=](const KernelTable& kernel) mutable {
    benchmark::DoNotOptimize(kernel.quantize_row(embeddings.data(), kDim, row.data()));
  });
  std::vector<std::int32_t> sums(kMatchQueries), dots(kMatchQueries * kMatchRows);
  for (std::size_t i = 0; i < sums.size() * kDim; ++i) sums[i / kDim] += codes[i];
  add("dot_rows/64x512", [=](const KernelTable& kernel) mutable {
    kernel.dot_rows(codes.data(), kMatchRows, kDim, {codes.data(), sums.data(), kDim}, dots.data());
  });
  std::vector<std::int8_t> packed(kMatchRows * kDim);
  add("pack_rows/64x512", [=](const KernelTable& kernel) mutable {
    kernel.pack_rows(codes.data(), kDim, packed.data());
  });
  add("dot_packed/64x512_by_4", [=](const KernelTable& kernel) mutable {
    kernel.dot_packed(packed.data(), kDim, {codes.data(), sums.data(), kDim}, dots.data());
  });
  add("select_above/64", [=](const KernelTable& kernel) {
    benchmark::DoNotOptimize(kernel.select_above(dots.data(), scales.data(), 0.01f, 1e9f));
  });
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  add_letterboxes();
  add_rows_of_letterbox();
  add_align();
  add_decode_and_nms();
  add_match();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
