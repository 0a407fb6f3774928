#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "kernels/rig.hpp"
#include "rostro/error.hpp"
#include "rostro/match.hpp"

using namespace rostro;

TEST_CASE("quantize_embeddings: the definition") {
  rig::use_each_level([](std::mt19937& random) {
    for (const std::size_t dim : {1u, 5u, 16u, 100u, 128u, 512u}) {
      std::vector<float> v(3 * dim);
      for (float& x : v) x = std::normal_distribution<float>()(random);
      std::fill(v.begin() + static_cast<std::ptrdiff_t>(dim),
                v.begin() + static_cast<std::ptrdiff_t>(2 * dim), 0.0f);
      std::vector<std::int8_t> codes(v.size(), 99);
      std::vector<float> scales(3, 99.0f);
      quantize_embeddings(v.data(), 3, dim, codes.data(), scales.data());
      for (std::size_t row = 0; row < 3; ++row) {
        float largest = 0;
        for (std::size_t i = 0; i < dim; ++i) {
          largest = std::max(largest, std::abs(v[row * dim + i]));
        }
        CHECK(scales[row] == largest / 127.0f);
        for (std::size_t i = row * dim; i < (row + 1) * dim; ++i) {
          const float code = row == 1 ? 0.0f : std::nearbyint(v[i] * (127.0f / largest));
          CHECK(codes[i] == static_cast<int>(code));
          CHECK(std::abs(v[i] - static_cast<float>(codes[i]) * scales[row]) <=
                scales[row] * 0.50001f);
        }
      }
    }
  });
}

TEST_CASE("quantize_embeddings: refuses what is not finite and dimensions without sense") {
  const float v[] = {1, 2, 3, INFINITY};
  std::int8_t codes[4];
  float scales[2];
  CHECK_THROWS_WITH_AS(quantize_embeddings(v, 2, 2, codes, scales),
                       doctest::Contains("embeddings[1, 1]: got inf"), InvalidArgument);
  CHECK_THROWS_WITH_AS(quantize_embeddings(v, 2, 0, codes, scales),
                       doctest::Contains("embeddings: got 0 columns"), InvalidArgument);
}
