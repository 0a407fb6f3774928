#include "rostro/runtime/identify.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "gallery/gallery_file.hpp"

using namespace rostro;

namespace {

using Who = std::vector<std::optional<GalleryMatch>>;

/// Finds two faces.
class Finder : public Stage {
 public:
  void run(const ImageView&, Faces& faces) override {
    constexpr float kBoxes[] = {10, 10, 60, 70, 100, 10, 150, 70};
    faces.reset(2);
    std::copy(std::begin(kBoxes), std::end(kBoxes), faces.add<float>(columns::boxes));
    std::fill_n(faces.add<float>(columns::scores), 2, 0.9f);
  }
};

/// Says that the first one is number 1, and the second one number 2.
class Knower : public Stage {
 public:
  void run(const ImageView&, Faces& faces) override {
    constexpr std::size_t dim = GalleryFile::kDim;
    float* embeddings = faces.add<float>(columns::embeddings, {static_cast<int>(dim)});
    for (std::size_t i = 0; i < faces.size(); ++i) {
      const auto one = embedding_of(faces.get(columns::boxes)[4 * i] < 50 ? 1 : 2);
      std::copy(one.begin(), one.end(), embeddings + i * dim);
    }
    std::fill_n(faces.add<float>(columns::norms), faces.size(), 1.0f);
  }
};

std::vector<std::unique_ptr<Stage>> finder() {
  std::vector<std::unique_ptr<Stage>> stages;
  stages.push_back(std::make_unique<Finder>());
  return stages;
}

Gallery gallery_of(const GalleryFile& file) {
  Gallery gallery;
  REQUIRE(Gallery::open(file.path(), gallery).ok());
  return gallery;
}

const std::vector<std::uint8_t> kPixels(std::size_t{3} * 160 * 80);
const ImageView kImage{kPixels.data(), {160, 80}, 3 * 160, PixelFormat::bgr};

}  // namespace

TEST_CASE("identify: the faces of a pipeline") {
  GalleryFile file;
  file.write({"ada"}, {{1, embedding_of(2)}});
  std::vector<std::unique_ptr<Stage>> stages = finder();
  stages.push_back(std::make_unique<Knower>());
  FacePipeline pipeline(std::move(stages));
  Faces faces;
  must(pipeline.find(kImage, faces));
  Who who;
  REQUIRE(identify(gallery_of(file), faces, 0.9, who).ok());
  REQUIRE(who.size() == 2);
  CHECK(!who[0]);
  REQUIRE(who[1]);
  CHECK(who[1]->name == "ada");
  faces.get(columns::norms)[1] = 0;  // not embedded
  REQUIRE(identify(gallery_of(file), faces, 0.9, who).ok());
  CHECK(!who[1]);
  faces.add<float>(columns::embeddings, {4});
  faces.get(columns::norms)[1] = 1;
  CHECK(identify(gallery_of(file), faces, 0.9, who).code == StatusCode::wrong_embedder);
}

TEST_CASE("identify: those who are followed, also in frames in which they are not embedded") {
  GalleryFile file;
  file.write({"ada"}, {{1, embedding_of(2)}});
  const Gallery gallery = gallery_of(file);
  FollowedPipeline pipeline(finder(), std::make_unique<Knower>(), {});
  Faces faces;
  Who who;
  for (int i = 0; i < 5; ++i) {
    must(pipeline.find(kImage, 0.05 * i, faces));
    REQUIRE(identify(gallery, pipeline, faces, 0.9, who).ok());
    REQUIRE(who.size() == 2);
    CHECK(!who[0]);
    CHECK(who[1].has_value() == (i > 0));  // an id comes with the second frame
  }
  CHECK(!faces.has(columns::embeddings));
}
