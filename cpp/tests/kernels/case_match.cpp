#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "kernels/case.hpp"

namespace rostro::rig {

namespace {

/// A block of rows as the kernels may read it, and a group of queries.
class Products : public Call {
 public:
  Products(std::size_t dim, Flush flush)
      : dim_(dim),
        stride_((dim + 63) / 64 * 64),
        rows_(kMatchRows * dim + kMatchPadding, flush),
        queries_(kMatchQueries * stride_, flush),
        sums_(kMatchQueries) {}

  /// Queries have no -128 and end in zeros; rows may hold anything.
  void draw(std::mt19937& random, int row_low, int row_high, int query_low, int query_high) {
    fill(rows_, random, row_low, row_high);
    fill(queries_, random, query_low, query_high);
    finish_queries();
  }

  /// Codes as embeddings have them: of a bell curve, the largest of several hundred being 127.
  void draw_embeddings(std::mt19937& random) {
    std::normal_distribution<float> value(0.0f, 38.0f);
    const auto code = [&] { return std::clamp(std::round(value(random)), -127.0f, 127.0f); };
    for (std::int8_t& each : rows_) each = static_cast<std::int8_t>(code());
    for (std::int8_t& each : queries_) each = static_cast<std::int8_t>(code());
    finish_queries();
  }

  std::string text() const override { return sizes({{"dim", dim_}}); }

 protected:
  std::size_t packed_size() const { return kMatchRows * stride_; }
  std::size_t dim() const { return dim_; }
  const std::int8_t* rows() const { return rows_.data(); }
  QueryCodes queries() const { return {queries_.data(), sums_.data(), stride_}; }

 private:
  void finish_queries() {
    for (std::size_t q = 0; q < kMatchQueries; ++q) {
      sums_[q] = 0;
      for (std::size_t i = 0; i < stride_; ++i) {
        std::int8_t& code = queries_[q * stride_ + i];
        if (i >= dim_) code = 0;
        sums_[q] += code;
      }
    }
  }

  std::size_t dim_;
  std::size_t stride_;
  GuardedBuffer<std::int8_t> rows_;
  GuardedBuffer<std::int8_t> queries_;
  std::vector<std::int32_t> sums_;
};

class DotRows : public Products {
 public:
  DotRows(std::size_t dim, Flush flush)
      : Products(dim, flush), dots_(output<std::int32_t>(kMatchRows, flush)) {}

  void run(const KernelTable& kernel) override {
    kernel.dot_rows(rows(), count, dim(), queries(), dots_);
  }

  std::vector<double> result() const override {
    std::vector<double> numbers;
    append(numbers, dots_, count);
    return numbers;
  }

  std::string text() const override { return Products::text() + ", " + sizes({{"rows", count}}); }

  std::size_t count = kMatchRows;

 private:
  std::int32_t* dots_;
};

class DotPacked : public Products {
 public:
  DotPacked(std::size_t dim, Flush flush)
      : Products(dim, flush),
        packed_(packed_size(), flush),
        dots_(output<std::int32_t>(kMatchQueries * kMatchRows, flush)) {}

  void prepare(const KernelTable& kernel) override {
    kernel.pack_rows(rows(), dim(), packed_.data());
  }

  void run(const KernelTable& kernel) override {
    kernel.dot_packed(packed_.data(), dim(), queries(), dots_);
  }

  std::vector<double> result() const override {
    std::vector<double> numbers;
    append(numbers, dots_, std::size_t{kMatchQueries} * kMatchRows);
    return numbers;
  }

 private:
  GuardedBuffer<std::int8_t> packed_;
  std::int32_t* dots_;
};

/// Packed rows mean nothing but to the dot_packed of the same level, whose products are the result.
class PackRows : public Products {
 public:
  PackRows(std::size_t dim, Flush flush)
      : Products(dim, flush), packed_(output<std::int8_t>(packed_size(), flush)) {}

  void prepare(const KernelTable& kernel) override { dot_packed_ = kernel.dot_packed; }

  void run(const KernelTable& kernel) override { kernel.pack_rows(rows(), dim(), packed_); }

  std::vector<double> result() const override {
    std::vector<std::int32_t> dots(std::size_t{kMatchQueries} * kMatchRows);
    dot_packed_(packed_, dim(), queries(), dots.data());
    std::vector<double> numbers;
    append(numbers, dots.data(), dots.size());
    return numbers;
  }

 private:
  DotPackedFn* dot_packed_ = nullptr;
  std::int8_t* packed_;
};

void visit_products(Products& call, const Visit& visit) { visit(call); }

void visit_products(DotRows& call, const Visit& visit) {
  for (const std::size_t count : {1u, 2u, 15u, 16u, 17u, 33u, 63u, 64u}) {
    call.count = count;
    visit(call);
  }
}

/// Any codes, and all that are extreme: sums that come near to overflowing on the way.
template <typename Kernel>
void check_products(std::mt19937& random, const Visit& visit) {
  for (const std::size_t dim : sizes_across_tails(1, 130, {255, 256, 257, 511, 512, 513, 1024})) {
    for (const Flush flush : {Flush::front, Flush::back}) {
      Kernel call(dim, flush);
      const int ranges[][4] = {{-128, 127, -127, 127},
                               {-128, -128, -127, -127},
                               {-128, -128, 127, 127},
                               {127, 127, -127, -127},
                               {0, 0, -127, 127}};
      for (const auto& [row_low, row_high, query_low, query_high] : ranges) {
        call.draw(random, row_low, row_high, query_low, query_high);
        visit_products(call, visit);
      }
    }
  }
  Kernel longest(65536, Flush::back);
  for (const int query : {-127, 127}) {
    longest.draw(random, -128, -128, query, query);
    visit_products(longest, visit);
  }
}

template <typename Kernel>
std::vector<Work> product_works(const char* name, std::mt19937& random) {
  auto call = std::make_shared<Kernel>(512, Flush::front);
  call->draw_embeddings(random);
  return {{name, call}};
}

std::vector<Work> dot_rows_works(std::mt19937& random) {
  return product_works<DotRows>("dot_rows: 64 rows of 512 codes", random);
}
std::vector<Work> pack_rows_works(std::mt19937& random) {
  return product_works<PackRows>("pack_rows: 64 rows of 512 codes", random);
}
std::vector<Work> dot_packed_works(std::mt19937& random) {
  return product_works<DotPacked>("dot_packed: 64 rows, 4 queries", random);
}

class SelectAbove : public Call {
 public:
  explicit SelectAbove(Flush flush) : dots(kMatchRows, flush), scales(kMatchRows, flush) {}

  void run(const KernelTable& kernel) override {
    rows_ = kernel.select_above(dots.data(), scales.data(), query_scale, threshold);
  }

  std::vector<double> result() const override {
    return {static_cast<double>(rows_ >> 32), static_cast<double>(rows_ & 0xffffffffu)};
  }

  std::string text() const override { return sizes({{"threshold", threshold}}); }

  GuardedBuffer<std::int32_t> dots;
  GuardedBuffer<float> scales;
  float query_scale = 0.0078125f;
  float threshold = 1e9f;

 private:
  std::uint64_t rows_ = 0;
};

void check_select_above(std::mt19937& random, const Visit& visit) {
  for (int round = 0; round < 2000; ++round) {
    SelectAbove call(round % 2 == 0 ? Flush::front : Flush::back);
    if (round % 3 == 0) {  // many ties
      fill(call.dots, random, -2, 2);
      for (float& scale : call.scales) scale = 0.5f;
    } else {  // dots beyond 2^24 round when they become floats
      fill(call.dots, random, -1.1e9, 1.1e9);
      fill(call.scales, random, 0, 0.01);
    }
    const auto r = random() % kMatchRows;
    const float met = static_cast<float>(call.dots[r]) * (call.scales[r] * call.query_scale);
    for (const float threshold : {met, std::nextafter(met, -INFINITY), -INFINITY, INFINITY,
                                  std::numeric_limits<float>::quiet_NaN()}) {
      call.threshold = threshold;
      visit(call);
    }
  }
}

std::vector<Work> select_above_works(std::mt19937& random) {
  auto call = std::make_shared<SelectAbove>(Flush::front);
  fill(call->dots, random, -1e6, 1e6);
  for (float& scale : call->scales) scale = 0.001f;
  return {{"select_above: 64 rows", call}};
}

}  // namespace

std::vector<Case> match_cases() {
  return {{"dot_rows", check_products<DotRows>, dot_rows_works},
          {"pack_rows", check_products<PackRows>, pack_rows_works},
          {"dot_packed", check_products<DotPacked>, dot_packed_works},
          {"select_above", check_select_above, select_above_works}};
}

}  // namespace rostro::rig
