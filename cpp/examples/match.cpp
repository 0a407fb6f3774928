// Keeps templates of a byte a number and finds the nearest: the exact search, with one query.

#include <cstdio>
#include <vector>

#include "rostro/match.hpp"

int main() {
  constexpr std::size_t kPeople = 1000, kDim = 128;
  std::vector<float> embeddings(kPeople * kDim);
  for (std::size_t i = 0; i < embeddings.size(); ++i) {
    embeddings[i] = static_cast<float>((i * 2654435761u) % 1000) / 1000 - 0.5f;
  }
  std::vector<std::int8_t> codes(embeddings.size());
  std::vector<float> scales(kPeople);
  rostro::quantize_embeddings(embeddings.data(), kPeople, kDim, codes.data(), scales.data());

  const std::size_t asked = 123;
  const rostro::Templates people{codes.data(), scales.data(), kPeople, kDim};
  const rostro::Templates query{codes.data() + asked * kDim, scales.data() + asked, 1, kDim};
  const rostro::Matches found = rostro::search_int8(people, query, 3);
  for (std::size_t i = 0; i < found.count; ++i) {
    std::printf("person %lld, similarity %.3f\n", static_cast<long long>(found.indices[i]),
                static_cast<double>(found.similarities[i]));
  }
  return found.indices.front() == static_cast<std::int64_t>(asked) ? 0 : 1;
}
