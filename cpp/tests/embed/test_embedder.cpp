#include "rostro/embedder.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "rostro/error.hpp"

using namespace rostro;

namespace {

constexpr int kSide = 112;

EmbedderSettings settings_of(bool flip, bool landmarks) {
  EmbedderSettings settings;
  settings.name = "mine";
  settings.dim = 2;
  settings.flip = flip;
  settings.landmarks = landmarks;
  return settings;
}

/// A picture that is brighter the further right, and two faces that lie in it as in the template.
struct Scene {
  Scene() : pixels(3 * 200 * 150), faces(2) {
    for (std::size_t i = 0; i < pixels.size(); ++i) {
      pixels[i] = static_cast<std::uint8_t>(i / 3 % 200);
    }
    const CropTemplate target = find_template("arcface", {kSide, kSide});
    float* landmarks = faces.add<float>(columns::landmarks);
    for (int face = 0; face < 2; ++face) {
      for (const Point& point : target.points) {
        *landmarks++ = point.x + 20.0f * static_cast<float>(face);
        *landmarks++ = point.y;
      }
    }
  }
  ImageView view() const { return {pixels.data(), {200, 150}, 600, PixelFormat::bgr}; }

  std::vector<std::uint8_t> pixels;
  Faces faces;
};

}  // namespace

TEST_CASE("embedder: from faces to embeddings around a recorded output, with the mirror image") {
  const Scene scene;
  const Embedder embedder(settings_of(true, true));
  REQUIRE(embedder.rows(2) == 4);
  constexpr std::size_t kPlane = kSide * kSide;
  std::vector<float> tensor(4 * 3 * kPlane), points(4 * 10);
  embedder.prepare(scene.view(), scene.faces, 0, 2, tensor.data(), points.data());
  CHECK(tensor[0] == doctest::Approx(0).epsilon(1));
  CHECK(tensor[3 * kPlane + 5] == doctest::Approx(25).epsilon(0.05));
  // The third row is the first one's mirror image, and its left eye the other's right eye.
  CHECK(tensor[2 * 3 * kPlane] == tensor[kSide - 1]);
  CHECK(points[20] == doctest::Approx(1 - points[2]));
  CHECK(points[21] == doctest::Approx(points[3]));
  CHECK(points[0] * kSide == doctest::Approx(38.2946));

  const float recorded[] = {1, 0, 3, 4, 5, 0, 3, 4};
  float embeddings[4], norms[2];
  embedder.finish({recorded, 4, 2}, 2, embeddings, norms);
  CHECK(norms[0] == doctest::Approx(3));  // the mean of (1, 0) and (5, 0)
  CHECK(embeddings[0] == doctest::Approx(1));
  CHECK(norms[1] == doctest::Approx(5));
  CHECK(embeddings[2] == doctest::Approx(0.6));
}

TEST_CASE("embedder: crops that are there already are the same as those of faces") {
  const Scene scene;
  const Embedder embedder(settings_of(false, false));
  std::vector<std::uint8_t> crops(2 * 3 * kSide * kSide);
  embedder.crops(scene.view(), scene.faces, ChannelOrder::bgr, crops.data());
  std::vector<float> of_faces(crops.size()), of_crops(crops.size());
  embedder.prepare(scene.view(), scene.faces, 0, 2, of_faces.data(), nullptr);
  embedder.prepare_crops(crops.data(), 2, ChannelOrder::bgr, nullptr, of_crops.data(), nullptr);
  CHECK(of_faces == of_crops);
}

TEST_CASE("embedder: a crop template of its own, in shares of the crop") {
  const Scene scene;
  EmbedderSettings settings = settings_of(false, true);
  CropTemplate shares = find_template("arcface", settings.size);
  for (Point& point : shares.points) point = {point.x / kSide, point.y / kSide};
  settings.own_template = shares;
  const Embedder own(settings), named(settings_of(false, true));
  std::vector<float> first(3 * kSide * kSide), second(first.size()), points(10), others(10);
  own.prepare(scene.view(), scene.faces, 1, 1, first.data(), points.data());
  named.prepare(scene.view(), scene.faces, 1, 1, second.data(), others.data());
  for (std::size_t i = 0; i < first.size(); ++i) {
    CHECK(first[i] == doctest::Approx(second[i]).epsilon(1e-3));
  }
  CHECK(points[0] == doctest::Approx(shares.points[0].x));

  settings.own_template->points[3].y = std::nanf("");
  CHECK_THROWS_WITH_AS(Embedder{settings}, doctest::Contains("finite"), InvalidArgument);
  for (Point& point : settings.own_template->points) point = {0.5f, 0.5f};
  CHECK_THROWS_WITH_AS(Embedder{settings}, doctest::Contains("one place"), InvalidArgument);
}

TEST_CASE("embedder: what cannot be used is refused") {
  const Scene scene;
  const Embedder embedder(settings_of(false, false));
  float embeddings[2], norms[1];
  const float zeros[] = {0, 0};
  CHECK_THROWS_AS(embedder.finish({zeros, 1, 2}, 1, embeddings, norms), NetworkError);
  CHECK_THROWS_AS(embedder.finish({zeros, 2, 1}, 1, embeddings, norms), ModelMismatch);
  std::vector<float> tensor(3 * kSide * kSide);
  CHECK_THROWS_WITH_AS(embedder.prepare(scene.view(), Faces(1), 0, 1, tensor.data(), nullptr),
                       doctest::Contains("without landmarks"), InvalidArgument);
  CHECK_THROWS_AS(embedder.prepare(scene.view(), scene.faces, 1, 2, tensor.data(), nullptr),
                  InvalidArgument);
  EmbedderSettings boxes = settings_of(false, true);
  boxes.crop_template = "box";
  CHECK_THROWS_AS(Embedder{boxes}, InvalidArgument);
}
