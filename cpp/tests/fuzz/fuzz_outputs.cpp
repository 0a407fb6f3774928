// Outputs of networks, of the right shapes and of others, through the tasks' `finish`.

#include <cmath>
#include <cstdlib>
#include <string>

#include "fuzz/input.hpp"
#include "rostro/attributes.hpp"
#include "rostro/detector.hpp"
#include "rostro/embedder.hpp"
#include "rostro/heads.hpp"
#include "rostro/landmarker.hpp"
#include "rostro/liveness.hpp"

using namespace rostro;
using testing::Input;

namespace {

/// Outputs, each with memory of its own that ends where it does.
struct Outputs {
  void add(Input& input, std::size_t planes, std::size_t rows, std::size_t columns) {
    if (input.below(32) == 31) planes = input.below(9);
    if (input.below(32) == 31) rows = input.below(99);
    if (input.below(32) == 31) columns = input.below(99);
    views.push_back({nullptr, rows, columns, planes});
  }
  /// Once all else was read.
  void make(const Input& input) {
    for (const OutputView& view : views) {
      numbers.push_back(input.fill<float>(view.planes * view.rows * view.columns));
    }
    for (std::size_t i = 0; i < views.size(); ++i) views[i].data = numbers[i].data();
  }

  std::vector<OutputView> views;
  std::vector<std::vector<float>> numbers;
};

void detect(Input& input) {
  const Head& head = heads()[input.below(heads().size())];
  DetectorSettings settings;
  settings.name = "finder";
  settings.head = head.name;
  settings.score_threshold = input.part();
  settings.nms_threshold = input.part();
  settings.top_k = 1 + input.below(100);
  settings.nms = input.flag() ? NmsMethod::hard : NmsMethod::weighted;
  const int step = std::max(head.size_step, 32);
  const Size size{step * static_cast<int>(1 + input.below(3)),
                  step * static_cast<int>(1 + input.below(3))};
  settings.sizes.only = size;
  const bool optional = input.flag(), planar = input.flag();
  Outputs outputs;
  for (const HeadOutput& output : head.outputs) {
    if (output.optional && !optional) continue;
    const auto numbers = static_cast<std::size_t>(output.columns);
    std::size_t stacked = head.levels.empty() ? 5 : 0;
    std::vector<std::size_t> rows;
    for (const Level& level : head.levels) {
      const auto high = static_cast<std::size_t>((size.height + level.stride - 1) / level.stride);
      const auto wide = static_cast<std::size_t>((size.width + level.stride - 1) / level.stride);
      const auto anchors = static_cast<std::size_t>(level.anchors);
      rows.push_back(high * wide * anchors);
      stacked += rows.back();
      if (planar && !head.stacked) outputs.add(input, anchors * numbers, high, wide);
    }
    if (planar && !head.stacked) continue;
    if (head.stacked || head.levels.empty()) rows = {stacked};
    for (const std::size_t count : rows) outputs.add(input, 1, count, numbers);
  }
  for (std::size_t i = 0; i < outputs.views.size(); ++i) {
    settings.network_outputs.push_back(std::to_string(i));
  }
  const Detector detector(settings);
  std::optional<Turn> turn;
  if (input.flag()) turn = static_cast<Turn>(input.below(4));
  const std::uint8_t pixel = 0;  // of the image only the size is asked
  const ImageView image{&pixel,
                        {1 + input.take<std::uint8_t>(), 1 + input.take<std::uint8_t>()},
                        3 * 256,
                        PixelFormat::bgr};
  outputs.make(input);
  const DetectorView view = detector.views(image, turn)[0];
  const Faces faces = detector.join({detector.finish(view, outputs.views)});
  for (std::size_t i = 0; i < 4 * faces.size(); ++i) {
    if (!std::isfinite(faces.get(columns::boxes)[i])) std::abort();
  }
}

void embed(Input& input) {
  EmbedderSettings settings;
  settings.name = "knower";
  settings.dim = 1 + input.below(20);
  settings.flip = input.flag();
  settings.token = static_cast<EmbeddingToken>(input.below(4));
  const Embedder embedder(settings);
  const std::size_t count = 1 + input.below(3), rows = embedder.rows(count);
  Outputs outputs;
  settings.token == EmbeddingToken::none ? outputs.add(input, 1, rows, settings.dim)
                                         : outputs.add(input, rows, 5, settings.dim);
  outputs.make(input);
  std::vector<float> embeddings(count * settings.dim), norms(count);
  embedder.finish(outputs.views[0], count, embeddings.data(), norms.data());
  for (const float number : embeddings) {
    if (!(std::fabs(number) <= 1.001f)) std::abort();
  }
}

Affine any_transform(Input& input) {
  Affine transform{};
  for (float& number : transform.m) number = input.part() - 0.5f;
  return transform;
}

void find_points(Input& input) {
  LandmarkerSettings settings;
  settings.name = "points";
  settings.scheme = input.flag() ? "five" : "ibug68";
  settings.crop.size = {32, 32};
  settings.codec = static_cast<PointCodec>(input.below(5));  // without a basis and descriptors
  settings.sides = 2 + input.below(2);
  settings.high = 32 * input.part();
  settings.blur = static_cast<int>(input.below(12));
  settings.beta = 10 * input.part();
  settings.depth = input.flag();
  settings.presence = input.flag();
  const Landmarker landmarker(settings);
  const std::size_t count = 1 + input.below(3), points = landmarker.points();
  Outputs outputs;
  switch (settings.codec) {
    case PointCodec::coordinates:
      outputs.add(input, 1, count, points * settings.sides);
      break;
    case PointCodec::offsets:
      outputs.add(input, count * 3 * points, 8, 8);
      break;
    default:
      outputs.add(input, count * points, 8, 8);
  }
  outputs.add(input, 1, count, points);
  outputs.add(input, 1, count, 1);
  std::vector<Affine> transforms;
  for (std::size_t i = 0; i < count; ++i) transforms.push_back(any_transform(input));
  outputs.make(input);
  std::vector<float> found(count * points * landmarker.sides()), presence(count);
  landmarker.finish({outputs.views[0], outputs.views[1], outputs.views[2]}, transforms,
                    found.data(), presence.data());
}

void tell_attributes(Input& input) {
  const std::size_t count = 1 + input.below(3);
  LivenessSettings liveness;
  liveness.name = "live";
  liveness.crop.size = {32, 32};
  liveness.codec = static_cast<LivenessCodec>(input.below(3));
  liveness.classes = 1 + input.below(4);
  liveness.live = {input.below(4)};
  Outputs outputs;
  outputs.add(input, 1, count, liveness.classes);
  AttributesSettings settings;
  settings.name = "attributes";
  settings.crop.size = {32, 32};
  for (std::size_t i = 0; i < 1 + input.below(3); ++i) {
    AttributeHead head;
    head.name = std::to_string(i);
    head.kind = static_cast<AttributeKind>(input.below(5));
    head.output = i + 1;
    head.count = 1 + input.below(5);
    head.logits = input.flag();
    head.unit = input.flag();
    head.direction = input.flag();
    if (head.kind == AttributeKind::mask && input.flag()) head.covers = {input.below(5)};
    head.kind == AttributeKind::mask ? outputs.add(input, count * head.count, 32, 32)
                                     : outputs.add(input, 1, count, head.count);
    settings.heads.push_back(head);
  }
  std::vector<Affine> transforms;
  for (std::size_t i = 0; i < count; ++i) transforms.push_back(any_transform(input));
  outputs.make(input);
  testing::may_refuse([&] {
    std::vector<float> live(count);
    Liveness(liveness).finish(outputs.views[0], count, live.data());
  });
  Faces faces(count);
  float* landmarks = faces.add<float>(columns::landmarks);
  for (std::size_t i = 0; i < 10 * count; ++i) landmarks[i] = static_cast<float>(i * i % 31);
  faces.add<float>(columns::boxes);
  Attributes(settings).finish(outputs.views, transforms, faces, 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  const std::size_t task = input.below(4);
  testing::may_refuse([&] {
    switch (task) {
      case 0:
        detect(input);
        break;
      case 1:
        embed(input);
        break;
      case 2:
        find_points(input);
        break;
      default:
        tell_attributes(input);
    }
  });
  return 0;
}
