#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "rig.hpp"

using namespace rostro;
using rig::Flush;
using rig::GuardedBuffer;

namespace {

const float kInf = std::numeric_limits<float>::infinity();
const float kNan = std::numeric_limits<float>::quiet_NaN();

/// Sizes that cross every vector tail and every block of vectors.
std::vector<std::size_t> counts() {
  std::vector<std::size_t> all;
  for (std::size_t n = 0; n <= 140; ++n) all.push_back(n);
  all.insert(all.end(), {800, 3200, 12801});
  return all;
}

/// Random scores in which one of so many is a number of another kind.
void fill_scores(GuardedBuffer<float>& scores, std::mt19937& random, unsigned one_in) {
  const float strange[] = {kNan, -kNan, kInf, -kInf, 0.0f, -0.0f, 0.5f, 1.0f, 1e-40f, -3.0f};
  rig::fill(scores, random, -0.2, 1.2);
  for (float& score : scores) {
    if (random() % one_in == 0) score = strange[random() % 10];
  }
}

struct Selection {
  std::vector<std::uint32_t> indices;
  std::vector<float> scores;
};

Selection select_scores(const KernelTable& kernel, const GuardedBuffer<float>& scores,
                        float threshold) {
  GuardedBuffer<std::uint32_t> indices(scores.size() + kSelectPadding);
  const std::size_t count =
      kernel.select_scores(scores.data(), scores.size(), threshold, indices.data());
  return {{indices.data(), indices.data() + count}, {}};
}

Selection select_products(const KernelTable& kernel, const GuardedBuffer<float>& cls,
                          const GuardedBuffer<float>& obj, float threshold) {
  GuardedBuffer<std::uint32_t> indices(cls.size() + kSelectPadding);
  GuardedBuffer<float> scores(cls.size() + kSelectPadding);
  const std::size_t count = kernel.select_products(cls.data(), obj.data(), cls.size(), threshold,
                                                   indices.data(), scores.data());
  return {{indices.data(), indices.data() + count}, {scores.data(), scores.data() + count}};
}

}  // namespace

TEST_CASE("kernels: select_scores is scalar's, few or all of them, NaN and infinities among them") {
  rig::for_each_level([](const KernelTable& kernel, std::mt19937& random) {
    const KernelTable& scalar = kernels(simd::Level::scalar);
    for (const std::size_t n : counts()) {
      GuardedBuffer<float> scores(n, n % 2 == 0 ? Flush::back : Flush::front);
      fill_scores(scores, random, 5);
      for (const float threshold : {-kInf, 0.0f, 0.5f, 0.99f, 1.0f, 2.0f, kInf, kNan}) {
        CAPTURE(n);
        CAPTURE(threshold);
        REQUIRE(select_scores(kernel, scores, threshold).indices ==
                select_scores(scalar, scores, threshold).indices);
      }
    }
  });
}

TEST_CASE("kernels: select_products is scalar's, bit for bit") {
  rig::for_each_level([](const KernelTable& kernel, std::mt19937& random) {
    const KernelTable& scalar = kernels(simd::Level::scalar);
    for (const std::size_t n : counts()) {
      const Flush flush = n % 2 == 0 ? Flush::back : Flush::front;
      GuardedBuffer<float> cls(n, flush), obj(n, flush);
      fill_scores(cls, random, 5);
      fill_scores(obj, random, 7);
      for (const float threshold : {0.0f, 0.5f, 0.9f, 1.0f, 2.0f}) {
        const Selection wanted = select_products(scalar, cls, obj, threshold);
        const Selection found = select_products(kernel, cls, obj, threshold);
        CAPTURE(n);
        CAPTURE(threshold);
        REQUIRE(found.indices == wanted.indices);
        REQUIRE(found.scores == wanted.scores);
      }
    }
  });
}
