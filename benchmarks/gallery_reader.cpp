// What benchmarks/gallery_reader.py measures of the C++ reader: gallery_reader GALLERY QUERY ROUNDS
// prints the median seconds to open a gallery, to refresh it where nothing changed, and to search.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <vector>

#include "rostro/gallery.hpp"

namespace {

template <typename Work>
double median_seconds(int rounds, const Work& work) {
  std::vector<double> seconds;
  for (int i = 0; i < rounds; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    if (!work().ok()) std::exit(1);
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    seconds.push_back(taken.count());
  }
  std::sort(seconds.begin(), seconds.end());
  return seconds[seconds.size() / 2];
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 4) return 2;
  const int rounds = std::atoi(arguments[3]);
  rostro::Gallery gallery;
  const double open = median_seconds(std::max(rounds / 20, 1),
                                     [&] { return rostro::Gallery::open(arguments[1], gallery); });
  std::vector<float> query(gallery.dim());
  std::ifstream file(arguments[2], std::ios::binary);
  file.read(reinterpret_cast<char*>(query.data()),
            static_cast<std::streamsize>(query.size() * sizeof(float)));
  std::vector<std::vector<rostro::GalleryMatch>> found;
  const double refresh = median_seconds(rounds, [&] { return gallery.refresh(); });
  const double search =
      median_seconds(rounds, [&] { return gallery.search(query.data(), 1, 5, found); });
  std::printf("%.9f %.9f %.9f\n", open, refresh, search);
  return 0;
}
