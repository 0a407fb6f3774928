// Every kernel, by the typical calls of its case (cpp/tests/kernels), and what is built of them, at
// every SIMD level of this machine. Names end in the level; a run of some of them:
// rostro_benchmarks --benchmark_filter='warp_row.*/avx2'
//
// Peers are measured by peers.py. Figures of an emulator say nothing about speed.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "kernels/case.hpp"
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

/// One benchmark a level.
void add_at_levels(const std::string& name,
                   const std::function<void(benchmark::State&, simd::Level)>& run) {
  for (const simd::Level level : simd::levels()) {
    const std::string full = name + "/" + std::string(simd::name(level));
    benchmark::RegisterBenchmark(full.c_str(), run, level);
  }
}

/// `body` owns its data and runs once an iteration.
void add(const std::string& name, const std::function<void()>& body) {
  add_at_levels(name, [body](benchmark::State& state, simd::Level level) {
    simd::use(level);
    for (auto _ : state) {
      body();
      benchmark::ClobberMemory();
    }
  });
}

void add_kernels() {
  std::mt19937 random(1);
  for (const rig::Case& kernel : rig::cases()) {
    for (const rig::Work& work : kernel.works(random)) {
      add_at_levels(work.name, [call = work.call](benchmark::State& state, simd::Level level) {
        const KernelTable& table = kernels(level);  // looked up by name: not for the loop
        call->prepare(table);
        for (auto _ : state) {
          call->run(table);
          benchmark::ClobberMemory();
        }
      });
    }
  }
}

void add_letterbox(const std::string& name, Size source, Size target, PixelFormat format) {
  const int bytes = format == PixelFormat::yuyv ? 2 : format == PixelFormat::bgr ? 3 : 1;
  const int rows = format == PixelFormat::nv12 ? source.height * 3 / 2 : source.height;
  const auto image =
      noise<std::uint8_t>(static_cast<std::size_t>(rows * source.width * bytes), 0, 256);
  std::vector<float> tensor(static_cast<std::size_t>(3 * target.width * target.height));
  const TensorFormat wanted{ChannelOrder::rgb, {127.5f, 127.5f, 127.5f}, {128, 128, 128}};
  add("letterbox/" + name, [=]() mutable {
    letterbox_f32({image.data(), source, source.width * bytes, format}, {target}, wanted,
                  tensor.data());
  });
}

void add_letterboxes() {
  add_letterbox("1080p_to_640", {1920, 1080}, {640, 640}, PixelFormat::bgr);
  add_letterbox("720p_to_640", {1280, 720}, {640, 640}, PixelFormat::bgr);
  add_letterbox("1000x700_to_640", {1000, 700}, {640, 640}, PixelFormat::bgr);
  add_letterbox("1080p_to_300", {1920, 1080}, {300, 300}, PixelFormat::bgr);  // 8 taps
  add_letterbox("480p_as_it_is", {640, 480}, {640, 480}, PixelFormat::bgr);
  add_letterbox("480p_to_320", {640, 480}, {320, 320}, PixelFormat::bgr);
  add_letterbox("1080p_gray_to_640", {1920, 1080}, {640, 640}, PixelFormat::gray);
  add_letterbox("1080p_nv12_to_640", {1920, 1080}, {640, 640}, PixelFormat::nv12);
  add_letterbox("480p_yuyv_as_it_is", {640, 480}, {640, 480}, PixelFormat::yuyv);
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
    add("align_u8/" + place, [=]() mutable {
      align_u8(view, landmarks.data(), 1, target, {112, 112}, ChannelOrder::rgb, crop.data());
    });
    add("align_f32/" + place, [=]() mutable {
      align_f32(view, landmarks.data(), 1, target, {112, 112}, {ChannelOrder::rgb, {}, {1, 1, 1}},
                tensor.data());
    });
  }
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
    add("decode/" + name, [=, &head] {
      benchmark::DoNotOptimize(decode(head, outputs.views(), {640, 640}, 0.5f, 5000));
    });
    const Faces found = decode(head, outputs.views(), {640, 640}, 0.5f, 5000);
    add("nms_hard/" + name, [=] {
      benchmark::DoNotOptimize(nms_hard(found.get(columns::boxes), found.get(columns::scores),
                                        found.size(), 0.4f, 5000));
    });
    add("nms_soft/" + name, [=] {
      benchmark::DoNotOptimize(
          nms_soft(found.get(columns::boxes), found.get(columns::scores), found.size(), {}, 5000));
    });
    add("nms_weighted/" + name, [=] { benchmark::DoNotOptimize(nms_weighted(found, 0.4f, 5000)); });
  }
}

void add_match() {
  constexpr std::size_t kRows = 20000;
  constexpr std::size_t kDim = 512;
  std::mt19937 random(1);
  std::normal_distribution<float> value;
  std::vector<float> embeddings(kRows * kDim);
  for (float& element : embeddings) element = value(random);
  std::vector<std::int8_t> codes(kRows * kDim);
  std::vector<float> scales(kRows);
  quantize_embeddings(embeddings.data(), kRows, kDim, codes.data(), scales.data());
  for (const std::size_t queries : {1u, 64u}) {
    add("search_int8/20000x512_by_" + std::to_string(queries), [=] {
      const Templates all{codes.data(), scales.data(), kRows, kDim};
      const Templates some{codes.data(), scales.data(), queries, kDim};
      benchmark::DoNotOptimize(search_int8(all, some, 5));
    });
  }
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  add_kernels();
  add_letterboxes();
  add_align();
  add_decode_and_nms();
  add_match();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
