#include "rostro/detector.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <vector>

#include "rostro/error.hpp"

using namespace rostro;

namespace {

constexpr int kStrides[] = {8, 16, 32};

/// A gray image of this size.
struct Picture {
  explicit Picture(Size size)
      : pixels(static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height), 100),
        view{pixels.data(), size, size.width, PixelFormat::gray} {}
  std::vector<std::uint8_t> pixels;
  ImageView view;
};

/// What a network of SCRFD's head gives: no face but those of `put`.
class Recorded {
 public:
  explicit Recorded(Size input) : input_(input) {
    for (const std::size_t columns : {1u, 4u, 10u}) {
      for (const int stride : kStrides) {
        const auto anchors =
            static_cast<std::size_t>(2 * (input.width / stride) * (input.height / stride));
        arrays_.emplace_back(anchors * columns, 0.0f);
        views_.push_back({nullptr, anchors, columns});
      }
    }
    for (std::size_t i = 0; i < views_.size(); ++i) views_[i].data = arrays_[i].data();
  }

  /// A face of `side` strides around the anchor of a cell of stride 16.
  void put(int column, int row, float score, float side) {
    const auto anchor = static_cast<std::size_t>(2 * (row * (input_.width / 16) + column));
    arrays_[1][anchor] = score;
    for (std::size_t i = 0; i < 4; ++i) arrays_[4][4 * anchor + i] = side / 2;
  }

  std::vector<float>& array(std::size_t i) { return arrays_[i]; }
  const std::vector<OutputView>& views() const { return views_; }

 private:
  Size input_;
  std::vector<std::vector<float>> arrays_;
  std::vector<OutputView> views_;
};

DetectorSettings scrfd() {
  DetectorSettings settings;
  settings.name = "mine";
  settings.head = "scrfd";
  settings.network_outputs = {"s8", "s16", "s32", "b8", "b16", "b32", "k8", "k16", "k32"};
  settings.input = {ChannelOrder::rgb, {127.5f, 127.5f, 127.5f}, {128, 128, 128}};
  return settings;
}

}  // namespace

TEST_CASE("detector: from an image to its faces around recorded outputs") {
  const Detector detector(scrfd());
  const Picture picture({1280, 960});
  const auto views = detector.views(picture.view);
  REQUIRE(views.size() == 1);
  CHECK(views[0].input.width == 640);
  CHECK(views[0].input.height == 480);
  std::vector<float> tensor(3 * 640 * 480, 9.0f);
  detector.prepare(picture.view, views[0], tensor.data());
  CHECK(tensor.front() == doctest::Approx((100 - 127.5) / 128));
  CHECK(tensor.back() == doctest::Approx((100 - 127.5) / 128));

  Recorded recorded(views[0].input);
  recorded.put(10, 5, 0.9f, 4);
  recorded.put(11, 5, 0.8f, 4);  // the same face again
  recorded.put(30, 20, 0.7f, 2);
  const Faces faces = detector.join({detector.finish(views[0], recorded.views())});
  REQUIRE(faces.size() == 2);
  CHECK(faces.get(columns::scores)[0] == 0.9f);
  // In pixels of the image, which is twice as large: (160, 80) of the input, 64 pixels wide.
  const float* box = faces.get(columns::boxes);
  CHECK(box[0] == doctest::Approx(2 * (160 - 32)));
  CHECK(box[3] == doctest::Approx(2 * (80 + 32)));
  CHECK(faces.get(columns::landmarks)[0] == doctest::Approx(320));
}

TEST_CASE("detector: a face that two tiles show is found once, one that a cut halves is not") {
  DetectorSettings settings = scrfd();
  settings.tiling = Tiling{{320, 320}, 64};
  const Detector detector(settings);
  const Picture picture({576, 320});
  const auto views = detector.views(picture.view);
  REQUIRE(views.size() == 3);
  CHECK(views[2].left == 256);
  std::vector<Faces> parts;
  for (const DetectorView& view : views) {
    Recorded recorded(view.input);
    // At (288, 160) of the image, 32 pixels wide; and one at the right end of each view.
    if (view.size.width == 576) recorded.put(18, 10, 0.6f, 2);
    if (view.size.width == 320) {
      recorded.put(view.left == 0 ? 18 : 2, 10, 0.9f, 2);
      recorded.put(19, 2, 0.8f, 3);
    }
    parts.push_back(detector.finish(view, recorded.views()));
  }
  const Faces faces = detector.join(std::move(parts));
  REQUIRE(faces.size() == 2);
  CHECK(faces.get(columns::boxes)[0] == doctest::Approx(288 - 16));
  CHECK(faces.get(columns::boxes)[4] == doctest::Approx(256 + 304 - 24));
}

TEST_CASE("detector: more tiles than anybody means are refused") {
  DetectorSettings settings = scrfd();
  settings.tiling = Tiling{{2, 2}, 0};
  const Picture picture({2050, 2048});
  CHECK_THROWS_WITH_AS(Detector(settings).views(picture.view),
                       "tile: got 2x2; one that cuts an image of 2050x2048 pixels into at most "
                       "1048576 tiles is wanted",
                       InvalidArgument);
}

TEST_CASE("detector: outputs of another shape, and numbers that are not finite, are refused") {
  const Detector detector(scrfd());
  const Picture picture({64, 64});
  const DetectorView view = detector.views(picture.view).front();
  CHECK_THROWS_AS(detector.finish(view, Recorded({128, 64}).views()), ModelMismatch);
  Recorded fewer({64, 64});
  auto views = fewer.views();
  views.pop_back();
  CHECK_THROWS_AS(detector.finish(view, views), ModelMismatch);
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    Recorded recorded({64, 64});
    recorded.array(4)[3] = bad;
    CHECK_THROWS_WITH_AS(detector.finish(view, recorded.views()),
                         doctest::Contains("mine: its output b16 holds NaN or infinity"),
                         NetworkError);
  }
  Recorded huge({64, 64});
  huge.put(1, 1, 0.9f, 1e38f);
  CHECK_THROWS_WITH_AS(detector.finish(view, huge.views()),
                       doctest::Contains("boxes that are NaN or infinite"), NetworkError);
  // Boxes that are finite in the input, but not in an image that is larger.
  const Picture large({6400, 64});
  Recorded far({640, 32});
  far.put(1, 1, 0.9f, 1e37f);
  CHECK_THROWS_WITH_AS(detector.finish(detector.views(large.view).front(), far.views()),
                       doctest::Contains("boxes that are NaN or infinite"), NetworkError);
}

TEST_CASE("detector: settings that do not go together are refused") {
  DetectorSettings settings = scrfd();
  settings.outputs = {"s8", "s16"};
  CHECK_THROWS_AS(Detector{settings}, InvalidArgument);
  settings = scrfd();
  settings.score_threshold = -1e-9f;
  CHECK_THROWS_WITH_AS(Detector{settings},
                       "score_threshold: got -1e-09; a number from 0 to 1 is wanted",
                       InvalidArgument);
  settings = scrfd();
  settings.tiling = Tiling{{320, 200}, 200};
  CHECK_THROWS_AS(Detector{settings}, InvalidArgument);
  settings = scrfd();
  settings.sizes.only = {640, 640};
  settings.sizes.sizes = {{320, 320}};
  CHECK_THROWS_WITH_AS(Detector{settings},
                       "det_size: got 320x320; this network takes 640x640 alone", InvalidArgument);
}
