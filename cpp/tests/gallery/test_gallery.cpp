#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "gallery/gallery_file.hpp"
#include "rostro/gallery.hpp"

using namespace rostro;

namespace {

using Who = std::vector<std::optional<GalleryMatch>>;

Gallery opened(const GalleryFile& file, const GalleryOptions& options = {}) {
  Gallery gallery;
  const Status status = Gallery::open(file.path(), gallery, options);
  INFO(status.message);
  REQUIRE(status.ok());
  return gallery;
}

Status refused(const GalleryFile& file, const GalleryOptions& options = {}) {
  Gallery gallery;
  Status status = Gallery::open(file.path(), gallery, options);
  CHECK(gallery.dim() == 0);
  return status;
}

std::string who_is(const Gallery& gallery, int number) {
  Who who;
  const Status status = gallery.identify(embedding_of(number).data(), 1, 0.9, who);
  if (!status.ok()) return status.message;
  return who[0] ? who[0]->name : "nobody";
}

}  // namespace

TEST_CASE("gallery: finds, follows what others wrote, and keeps what it read") {
  GalleryFile file;
  const Gallery empty = opened(file);
  CHECK(empty.dim() == GalleryFile::kDim);
  CHECK(empty.people() == 0);
  CHECK(who_is(empty, 1) == "nobody");

  file.write({"ada", "Jos\xC3\xA9"},
             {{1, embedding_of(1)}, {2, embedding_of(2)}, {1, embedding_of(3)}});
  Gallery gallery = opened(file);
  CHECK(gallery.people() == 2);
  CHECK(gallery.count() == 3);
  CHECK(who_is(gallery, 3) == "ada");
  CHECK(who_is(gallery, 2) == "Jos\xC3\xA9");
  CHECK(who_is(gallery, 4) == "nobody");
  std::vector<std::vector<GalleryMatch>> found;
  REQUIRE(gallery.search(embedding_of(2).data(), 1, 9, found).ok());
  REQUIRE(found[0].size() == 2);
  CHECK(found[0][0].name == "Jos\xC3\xA9");
  CHECK(found[0][0].similarity > found[0][1].similarity);

  file.write({"", "Bob", "new"}, {{2, embedding_of(2)}, {3, embedding_of(4)}});
  CHECK(who_is(gallery, 3) == "ada");  // not yet
  REQUIRE(gallery.refresh().ok());
  CHECK(who_is(gallery, 3) == "nobody");
  CHECK(who_is(gallery, 2) == "Bob");
  CHECK(who_is(gallery, 4) == "new");
  std::vector<std::string> names;
  REQUIRE(gallery.names(names).ok());
  CHECK(names == std::vector<std::string>{"Bob", "new"});
}

TEST_CASE("gallery: damage that comes later is told, and searches go on") {
  GalleryFile file;
  file.write({"ada"}, {{1, embedding_of(1)}});
  Gallery gallery = opened(file);
  file.run("UPDATE block_state SET count = 2, change = change + 1");
  const Status status = gallery.refresh();
  CHECK(status.code == StatusCode::damaged);
  CHECK(status.message.find("1 of 2 templates of block 0") != std::string::npos);
  CHECK(who_is(gallery, 1) == "ada");
  CHECK(refused(file).code == StatusCode::damaged);
  file.run("UPDATE block_state SET count = 1, change = change + 1");
  CHECK(gallery.refresh().ok());
  CHECK(who_is(gallery, 1) == "ada");
}

TEST_CASE("gallery: another length, another embedder") {
  GalleryFile file(R"({"dim": 16, "embedders": [)"
                   R"({"name": "a", "version": "1", "template": "arcface"},)"
                   R"({"name": "\u00e9", "version": "2", "template": "t", "refine": "r"}]})");
  file.write({"ada"}, {{1, embedding_of(1)}});
  GalleryOptions options;
  options.dim = 128;
  CHECK(refused(file, options).message ==
        file.path() + ": holds embeddings of 16 numbers, not of 128");
  options.dim = 16;
  options.embedder = GalleryEmbedder{"b", "1", "arcface"};
  CHECK(refused(file, options).code == StatusCode::wrong_embedder);
  options.embedder = GalleryEmbedder{"\xC3\xA9", "2", "t", "r"};
  std::vector<GalleryEmbedder> embedders;
  REQUIRE(opened(file, options).embedders(embedders).ok());
  CHECK(embedders.size() == 2);
  CHECK(embedders[1] == *options.embedder);

  GalleryFile unnamed;
  opened(unnamed, options);  // nobody's templates yet
  unnamed.write({"ada"}, {{1, embedding_of(1)}});
  CHECK(refused(unnamed, options).message.find("does not say who made") != std::string::npos);
}

TEST_CASE("gallery: what cannot be used is said") {
  Gallery closed;
  Who who;
  const std::vector<float> query = embedding_of(1), zeros(GalleryFile::kDim);
  CHECK(closed.refresh().code == StatusCode::invalid_argument);
  CHECK(closed.identify(query.data(), 1, 0.5, who).code == StatusCode::invalid_argument);
  CHECK(Gallery::open("", closed).code == StatusCode::invalid_argument);
  CHECK(Gallery::open("/nowhere/people.rostro", closed).code == StatusCode::not_found);
  CHECK(Gallery::open(std::string("a\0b", 3), closed).code == StatusCode::invalid_argument);

  GalleryFile file;
  file.write({"ada"}, {{1, embedding_of(1)}});
  const Gallery gallery = opened(file);
  CHECK(gallery.identify(zeros.data(), 1, 0.5, who).message ==
        "embeddings: row 0 has norm 0; 1 is wanted: divide it by its norm");
  CHECK(gallery.identify(nullptr, 1, 0.5, who).code == StatusCode::invalid_argument);
  CHECK(gallery.identify(query.data(), 1, 1.5, who).code == StatusCode::invalid_argument);
  std::vector<std::vector<GalleryMatch>> found;
  CHECK(gallery.search(query.data(), 1, 0, found).code == StatusCode::invalid_argument);
  CHECK(gallery.search(query.data(), 1, 1, found, {false, 0}).code == StatusCode::invalid_argument);
  CHECK(gallery.search(nullptr, 0, 1, found).ok());
  CHECK(found.empty());
}

TEST_CASE("gallery: many search while others refresh and one writes") {
  GalleryFile file;
  const auto write = [&](int round) {
    file.write({"ada", "round " + std::to_string(round)},
               {{1, embedding_of(1)}, {2, embedding_of(2)}});
  };
  write(0);
  Gallery gallery = opened(file);
  std::atomic<bool> done{false};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      while (!done) {
        wrong += who_is(gallery, 1) != "ada";
        wrong += who_is(gallery, 2).rfind("round ", 0) != 0;
      }
    });
  }
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      while (!done) wrong += !gallery.refresh().ok();
    });
  }
  for (int round = 1; round <= 40; ++round) write(round);
  done = true;
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
  REQUIRE(gallery.refresh().ok());
  CHECK(who_is(gallery, 2) == "round 40");
}
