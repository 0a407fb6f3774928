#include <cfloat>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "rig.hpp"

using namespace rostro;
using rig::Flush;
using rig::GuardedBuffer;

namespace {

/// 1..130 crosses every vector tail; the others are where real models are.
std::vector<std::size_t> dims() {
  std::vector<std::size_t> all;
  for (std::size_t dim = 1; dim <= 130; ++dim) all.push_back(dim);
  all.insert(all.end(), {255, 256, 257, 511, 512, 513, 1024});
  return all;
}

std::uint32_t bits(float value) {
  std::uint32_t result;
  std::memcpy(&result, &value, sizeof result);
  return result;
}

void check_quantize(const KernelTable& kernel, const GuardedBuffer<float>& v, Flush flush) {
  const KernelTable& scalar = kernels(simd::Level::scalar);
  GuardedBuffer<std::int8_t> wanted(v.size()), codes(v.size(), flush);
  const float wanted_scale = scalar.quantize_row(v.data(), v.size(), wanted.data());
  const float scale = kernel.quantize_row(v.data(), v.size(), codes.data());
  if (std::isnan(wanted_scale)) {
    CHECK(std::isnan(scale));
    return;
  }
  CHECK(bits(scale) == bits(wanted_scale));
  CHECK(std::memcmp(codes.data(), wanted.data(), v.size()) == 0);
}

/// A block of rows as the kernels may read it, a query group, and what scalar makes of them.
struct MatchCase {
  MatchCase(std::size_t columns, Flush flush)
      : dim(columns),
        stride((columns + 63) / 64 * 64),
        rows(kMatchRows * columns + kMatchPadding, flush),
        queries(kMatchQueries * stride, flush),
        sums(kMatchQueries) {}

  QueryCodes group() const { return {queries.data(), sums.data(), stride}; }

  /// Queries have no -128 and end in zeros; rows may hold anything.
  void fill(std::mt19937& random, int row_low, int row_high, int query_low, int query_high) {
    rig::fill(rows, random, row_low, row_high);
    rig::fill(queries, random, query_low, query_high);
    for (std::size_t q = 0; q < kMatchQueries; ++q) {
      sums[q] = 0;
      for (std::size_t i = 0; i < stride; ++i) {
        std::int8_t& code = queries[q * stride + i];
        if (i >= dim) code = 0;
        sums[q] += code;
      }
    }
  }

  void check(const KernelTable& kernel, Flush flush) const {
    const KernelTable& scalar = kernels(simd::Level::scalar);
    std::vector<std::int8_t> packed(kMatchRows * stride);
    std::vector<std::int32_t> wanted(kMatchQueries * kMatchRows);
    scalar.pack_rows(rows.data(), dim, packed.data());
    scalar.dot_packed(packed.data(), dim, group(), wanted.data());

    GuardedBuffer<std::int8_t> own_packed(kMatchRows * stride, flush);
    GuardedBuffer<std::int32_t> dots(kMatchQueries * kMatchRows, flush);
    kernel.pack_rows(rows.data(), dim, own_packed.data());
    kernel.dot_packed(own_packed.data(), dim, group(), dots.data());
    CHECK(std::memcmp(dots.data(), wanted.data(), wanted.size() * sizeof(std::int32_t)) == 0);

    GuardedBuffer<std::int32_t> row_dots(kMatchRows, flush);
    for (const std::size_t count : {1u, 2u, 15u, 16u, 17u, 33u, 63u, 64u}) {
      CAPTURE(count);
      kernel.dot_rows(rows.data(), count, dim, group(), row_dots.data());
      CHECK(std::memcmp(row_dots.data(), wanted.data(), count * sizeof(std::int32_t)) == 0);
    }
  }

  std::size_t dim;
  std::size_t stride;
  GuardedBuffer<std::int8_t> rows;
  GuardedBuffer<std::int8_t> queries;
  std::vector<std::int32_t> sums;
};

}  // namespace

TEST_CASE("quantize_row: every level gives scalar's codes and scales") {
  rig::for_each_level([](const KernelTable& kernel, std::mt19937& random) {
    for (const std::size_t dim : dims()) {
      CAPTURE(dim);
      for (const Flush flush : {Flush::front, Flush::back}) {
        GuardedBuffer<float> v(dim, flush);
        for (const double size : {1.0, 1e-30, 1e-36, 1e-44, 1e38}) {
          rig::fill(v, random, -size, size);
          check_quantize(kernel, v, flush);
        }
        rig::fill(v, random, -20, 20);  // halves of codes: ties
        for (float& x : v) x = std::floor(x) / 2;
        v[random() % dim] = 127;
        check_quantize(kernel, v, flush);
        for (const float special : {NAN, -NAN, INFINITY, -INFINITY, 0.0f, -0.0f, FLT_MAX, -FLT_MAX,
                                    FLT_MIN, 0x1p-118f, 0x1.fffffep-119f}) {
          rig::fill(v, random, -1e-38, 1e-38);
          v[random() % dim] = special;
          check_quantize(kernel, v, flush);
        }
        for (float& x : v) x = -0.0f;
        check_quantize(kernel, v, flush);
      }
    }
  });
}

TEST_CASE("dot products: every level is exact, for one query and for packed rows") {
  rig::for_each_level([](const KernelTable& kernel, std::mt19937& random) {
    for (const std::size_t dim : dims()) {
      CAPTURE(dim);
      for (const Flush flush : {Flush::front, Flush::back}) {
        MatchCase match(dim, flush);
        match.fill(random, -128, 127, -127, 127);
        match.check(kernel, flush);
        match.fill(random, -128, -128, -127, -127);
        match.check(kernel, flush);
        match.fill(random, -128, -128, 127, 127);
        match.check(kernel, flush);
        match.fill(random, 127, 127, -127, -127);
        match.check(kernel, flush);
        match.fill(random, 0, 0, -127, 127);
        match.check(kernel, flush);
      }
    }
  });
}

TEST_CASE("dot products: the longest rows of extreme codes") {
  rig::for_each_level([](const KernelTable& kernel, std::mt19937& random) {
    MatchCase match(65536, Flush::back);
    match.fill(random, -128, -128, -127, -127);
    match.check(kernel, Flush::back);
    match.fill(random, -128, -128, 127, 127);
    match.check(kernel, Flush::back);
  });
}

TEST_CASE("select_above: every level sees the same rows above the threshold, ties and NaN too") {
  rig::for_each_level([](const KernelTable& kernel, std::mt19937& random) {
    const KernelTable& scalar = kernels(simd::Level::scalar);
    for (int round = 0; round < 2000; ++round) {
      const Flush flush = round % 2 == 0 ? Flush::front : Flush::back;
      GuardedBuffer<std::int32_t> dots(kMatchRows, flush);
      GuardedBuffer<float> scales(kMatchRows, flush);
      if (round % 3 == 0) {  // many ties
        rig::fill(dots, random, -2, 2);
        for (float& scale : scales) scale = 0.5f;
      } else {  // dots beyond 2^24 round when they become floats
        rig::fill(dots, random, -1.1e9, 1.1e9);
        rig::fill(scales, random, 0, 0.01);
      }
      const float query_scale = 0.0078125f;
      const auto r = random() % kMatchRows;
      const float middle = static_cast<float>(dots[r]) * (scales[r] * query_scale);
      for (const float threshold : {middle, std::nextafter(middle, -INFINITY), -INFINITY, INFINITY,
                                    std::numeric_limits<float>::quiet_NaN()}) {
        CAPTURE(threshold);
        CHECK(kernel.select_above(dots.data(), scales.data(), query_scale, threshold) ==
              scalar.select_above(dots.data(), scales.data(), query_scale, threshold));
      }
    }
  });
}
