// Frames of any format, size and stride, planes apart or not, through what reads pixels: the inputs
// of detectors, crops of faces. A plane's memory ends where its last pixel does.

#include <cstdlib>
#include <optional>

#include "fuzz/input.hpp"
#include "rostro/crop_rule.hpp"
#include "rostro/detector.hpp"
#include "rostro/embedder.hpp"

using namespace rostro;
using testing::Input;

namespace {

constexpr std::int64_t kMostPixels = 1 << 16;
constexpr std::int64_t kMostBytes = 1 << 22;  // of a plane; of each a copy is made

/// Rows that are `stride` apart.
class Plane {
 public:
  void make(const Input& input, std::int64_t rows, std::int64_t row_bytes, std::int64_t stride) {
    const std::int64_t last = (rows - 1) * stride;
    start_ = std::max<std::int64_t>(0, -last);
    bytes_ = input.fill<std::uint8_t>(static_cast<std::size_t>(std::abs(last) + row_bytes));
  }
  const std::uint8_t* data() const { return bytes_.data() + start_; }

 private:
  std::vector<std::uint8_t> bytes_;
  std::int64_t start_ = 0;
};

/// A frame, and what it looks into.
struct Frame {
  explicit Frame(Input& input) {
    image.format = static_cast<PixelFormat>(input.below(10));
    image.size = {input.take<std::int16_t>(), input.take<std::int16_t>()};
    image.row_stride = input.take<std::int16_t>();
    apart = input.flag();
    for (ChromaPlane& chroma : image.chroma) chroma.row_stride = input.take<std::int16_t>();
  }

  /// Whether somebody may have such a frame, so that memory can be made for it.
  bool plausible() const {
    const auto [width, height] = image.size;
    if (width < 1 || height < 1 || std::int64_t{width} * height > kMostPixels) return false;
    std::int64_t stride = std::abs(image.row_stride);
    for (const ChromaPlane& chroma : image.chroma) {
      stride = std::max<std::int64_t>(stride, std::abs(chroma.row_stride));
    }
    return height * stride <= kMostBytes;
  }

  void make(const Input& input) {
    const std::int64_t width = image.size.width, height = image.size.height;
    std::int64_t row = width, rows = height;
    switch (image.format) {
      case PixelFormat::bgr:
      case PixelFormat::rgb:
        row = 3 * width;
        break;
      case PixelFormat::bgra:
      case PixelFormat::rgba:
        row = 4 * width;
        break;
      case PixelFormat::yuyv:
      case PixelFormat::uyvy:
        row = 2 * (width + width % 2);
        break;
      case PixelFormat::gray:
        break;
      case PixelFormat::nv12:
      case PixelFormat::nv21:
      case PixelFormat::i420:
        make_planes(input);
        return;
    }
    planes[0].make(input, rows, row, image.row_stride);
    image.data = planes[0].data();
  }

  void make_planes(const Input& input) {
    const std::int64_t width = image.size.width, height = image.size.height;
    const bool i420 = image.format == PixelFormat::i420;
    if (!apart) {  // one block of 3/2 rows of luma's stride; each holds two rows of I420's chroma
      const std::int64_t last = i420 ? (image.row_stride + width) / 2 : width;
      planes[0].make(input, height + (height + 1) / 2, std::max<std::int64_t>(last, 1),
                     image.row_stride);
      image.data = planes[0].data();
      return;
    }
    planes[0].make(input, height, width, image.row_stride);
    image.data = planes[0].data();
    for (std::size_t i = 0; i < (i420 ? 2 : 1); ++i) {
      planes[i + 1].make(input, height / 2 + 1, i420 ? width / 2 : width,
                         image.chroma[i].row_stride);
      image.chroma[i].data = planes[i + 1].data();
    }
  }

  ImageView image;
  bool apart = false;
  Plane planes[3];
};

DetectorSettings detector_settings(Input& input) {
  DetectorSettings settings{"finder", "scrfd", {"a", "b", "c", "d", "e", "f"}};
  settings.pad = input.take<std::uint8_t>();
  InputSizes& sizes = settings.sizes;
  switch (input.below(4)) {
    case 0:
      sizes.only = {input.take<std::uint8_t>(), input.take<std::uint8_t>()};
      break;
    case 1:
      sizes.sizes = {{input.take<std::uint8_t>(), input.take<std::uint8_t>()}};
      break;
    case 2:
      sizes.scale = input.part();
      break;
    case 3:
      sizes.longest = input.take<std::uint8_t>();
      break;
  }
  if (input.flag()) {
    settings.tiling = Tiling{{input.take<std::uint8_t>(), input.take<std::uint8_t>()},
                             input.take<std::uint8_t>()};
  }
  return settings;
}

Faces some_faces(Input& input) {
  Faces faces(1 + input.below(3));
  float* boxes = faces.add<float>(columns::boxes);
  for (std::size_t i = 0; i < 4 * faces.size(); ++i) boxes[i] = input.take<std::int16_t>() / 8.0f;
  float* landmarks = faces.add<float>(columns::landmarks);
  for (std::size_t i = 0; i < 10 * faces.size(); ++i) {
    landmarks[i] = input.flag() ? input.take<float>() : input.take<std::uint8_t>();
  }
  return faces;
}

void detect(const ImageView& image, const DetectorSettings& settings, std::optional<Turn> turn) {
  const Detector detector(settings);
  std::vector<DetectorView> views = detector.views(image, turn);
  if (views.size() > 3) views.resize(3);
  for (const DetectorView& view : views) {
    const auto sides = std::int64_t{view.input.width} * view.input.height;
    if (sides > kMostPixels) continue;
    std::vector<float> tensor(3 * static_cast<std::size_t>(sides));
    detector.prepare(image, view, tensor.data());
  }
}

void crop(const ImageView& image, const Faces& faces, bool flip, const CropRule& rule) {
  testing::may_refuse([&] {
    EmbedderSettings settings;
    settings.name = "knower";
    settings.dim = 4;
    settings.flip = flip;
    const Embedder embedder(settings);
    std::vector<float> tensor(3 * 112 * 112 * embedder.rows(faces.size()));
    embedder.prepare(image, faces, 0, faces.size(), tensor.data(), nullptr);
  });
  testing::may_refuse([&] {
    check_crop_rule(rule);
    std::vector<float> tensor(faces.size() * 3 * static_cast<std::size_t>(rule.size.width) *
                              static_cast<std::size_t>(rule.size.height));
    crop_faces(image, faces, 0, faces.size(), rule, tensor.data());
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  Frame frame(input);
  const DetectorSettings settings = detector_settings(input);
  std::optional<Turn> turn;
  if (input.flag()) turn = static_cast<Turn>(input.below(4));
  CropRule rule;
  rule.size = {input.take<std::uint8_t>(), input.take<std::uint8_t>()};
  rule.around = static_cast<CropAround>(input.below(5));
  rule.shape = static_cast<CropShape>(input.below(5));
  rule.scale = 2 * input.part();
  rule.upright = input.flag();
  rule.inside = input.flag();
  const bool flip = input.flag();
  const Faces faces = some_faces(input);
  if (!frame.plausible()) {  // must be refused, or else nothing of it read
    const std::uint8_t pixel = 0;
    frame.image.data = &pixel;
    testing::may_refuse([&] { Detector(settings).views(frame.image, turn); });
    return 0;
  }
  frame.make(input);
  testing::may_refuse([&] { detect(frame.image, settings, turn); });
  testing::may_refuse([&] {
    check_image(frame.image);
    crop(frame.image, faces, flip, rule);
  });
  return 0;
}
