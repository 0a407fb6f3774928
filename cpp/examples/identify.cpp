// Who faces are, by a gallery that Python keeps: identify GALLERY EMBEDDINGS THRESHOLD [K]
//
// EMBEDDINGS is a file of float32, as many for each face as the gallery's embeddings have; "-"
// reads such files' names from the standard input, one a line, follows the gallery before each, and
// says what it found at once. Prints JSON: a line for each face with the K most similar people (5)
// and whether the first is similar enough, or a line {"error": ...}.

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "rostro/gallery.hpp"

namespace {

std::string quoted(const std::string& text) {
  std::string json = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') json += '\\';
    if (static_cast<unsigned char>(c) < 0x20) continue;  // names hold none
    json += c;
  }
  return json + '"';
}

bool check(const rostro::Status& status) {
  if (!status.ok()) {
    std::printf("{\"error\": %s, \"code\": %d}\n", quoted(status.message).c_str(),
                static_cast<int>(status.code));
  }
  return status.ok();
}

std::vector<float> read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<float> values;
  for (float value = 0; file.read(reinterpret_cast<char*>(&value), sizeof value);) {
    values.push_back(value);
  }
  return values;
}

bool answer(const rostro::Gallery& gallery, const std::string& path, double threshold,
            std::size_t k) {
  const std::vector<float> embeddings = read(path);
  const std::size_t count = embeddings.size() / gallery.dim();
  std::vector<std::vector<rostro::GalleryMatch>> nearest;
  std::vector<std::optional<rostro::GalleryMatch>> who;
  if (!check(gallery.search(embeddings.data(), count, k, nearest))) return false;
  if (!check(gallery.identify(embeddings.data(), count, threshold, who))) return false;
  for (std::size_t face = 0; face < count; ++face) {
    std::printf("{\"name\": %s, \"nearest\": [",
                who[face] ? quoted(who[face]->name).c_str() : "null");
    for (const rostro::GalleryMatch& match : nearest[face]) {
      std::printf("%s[%s, %.9g]", &match == nearest[face].data() ? "" : ", ",
                  quoted(match.name).c_str(), static_cast<double>(match.similarity));
    }
    std::printf("]}\n");
  }
  return true;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 4) {
    std::fprintf(stderr, "usage: identify GALLERY EMBEDDINGS THRESHOLD [K]\n");
    return 2;
  }
  const std::string embeddings = arguments[2];
  const double threshold = std::atof(arguments[3]);
  const auto k = static_cast<std::size_t>(count > 4 ? std::atol(arguments[4]) : 5);

  rostro::Gallery gallery;
  if (!check(rostro::Gallery::open(arguments[1], gallery))) return 1;
  if (embeddings != "-") return answer(gallery, embeddings, threshold, k) ? 0 : 1;
  for (std::string path; std::getline(std::cin, path);) {
    if (check(gallery.refresh())) answer(gallery, path, threshold, k);
    std::printf("{\"people\": %zu, \"templates\": %zu}\n", gallery.people(), gallery.count());
    std::fflush(stdout);
  }
  return 0;
}
