#include "rostro/match.hpp"

#include <algorithm>
#include <future>
#include <limits>
#include <string>

#include "match/check_dim.hpp"
#include "rostro/error.hpp"
#include "simd/dispatch.hpp"
#include "support/message.hpp"

namespace rostro {

namespace {

constexpr float kMaxScale = 1e14f;

/// From so many queries on, laying rows out for all queries costs less than it saves.
constexpr std::size_t kPackFrom = 5;

std::size_t round_up(std::size_t n, std::size_t step) { return (n + step - 1) / step * step; }

void check_scales(const char* name, const float* scales, std::size_t n) {
  const auto usable = [](float scale) { return (scale >= 0.0f) & (scale <= kMaxScale); };
  int all_usable = 1;  // no early exit and no bool, so that compilers vectorise the loop
  for (std::size_t i = 0; i < n; ++i) all_usable &= static_cast<int>(usable(scales[i]));
  if (all_usable != 0) return;
  const float* bad = std::find_if_not(scales, scales + n, usable);
  throw wrong(entry(name, static_cast<std::size_t>(bad - scales)), *bad,
              "a number from 0 to 1e14 is wanted");
}

/// The queries as the kernels want them: rows of zeros fill the last group.
struct PaddedQueries {
  explicit PaddedQueries(const Templates& queries)
      : rows(queries.rows), scales(queries.scales), stride(round_up(queries.dim, 64)) {
    const std::size_t padded = round_up(queries.rows, kMatchQueries);
    codes.resize(padded * stride);
    sums.resize(padded);
    for (std::size_t q = 0; q < rows; ++q) {
      const std::int8_t* from = queries.codes + q * queries.dim;
      std::copy(from, from + queries.dim, &codes[q * stride]);
      for (std::size_t i = 0; i < queries.dim; ++i) {
        sums[q] += from[i];
        if (from[i] != -128) continue;
        throw wrong("queries[" + text(q) + ", " + text(i) + "]", -128,
                    "codes from -127 to 127 are wanted, as quantize_embeddings gives them");
      }
    }
  }

  QueryCodes from(std::size_t q) const { return {&codes[q * stride], &sums[q], stride}; }

  std::size_t rows;
  const float* scales;
  std::size_t stride;
  std::vector<std::int8_t> codes;
  std::vector<std::int32_t> sums;
};

struct Match {
  float similarity;
  std::int64_t index;
};

bool better(const Match& a, const Match& b) {
  return a.similarity != b.similarity ? a.similarity > b.similarity : a.index < b.index;
}

/// The best matches of one query so far: a heap with the worst of them in front.
class TopMatches {
 public:
  explicit TopMatches(std::size_t capacity) : capacity_(capacity) {}

  /// What a later row must be above to get in.
  float threshold() const {
    return heap_.size() < capacity_ ? -std::numeric_limits<float>::infinity()
                                    : heap_.front().similarity;
  }

  void offer(const Match& match) {
    if (heap_.size() < capacity_) {
      heap_.push_back(match);
      std::push_heap(heap_.begin(), heap_.end(), better);
    } else if (better(match, heap_.front())) {
      std::pop_heap(heap_.begin(), heap_.end(), better);
      heap_.back() = match;
      std::push_heap(heap_.begin(), heap_.end(), better);
    }
  }

  void offer_all(const TopMatches& others) {
    for (const Match& match : others.heap_) offer(match);
  }

  /// Best first; the heap is no heap after that.
  const std::vector<Match>& sort() {
    std::sort_heap(heap_.begin(), heap_.end(), better);
    return heap_;
  }

 private:
  std::size_t capacity_;
  std::vector<Match> heap_;
};

/// One thread's part of a search: the rows from `begin` to `end`.
class Scan {
 public:
  Scan(const KernelTable& kernel, const Templates& templates, const PaddedQueries& queries,
       const std::uint8_t* alive, std::size_t begin, std::size_t end, std::size_t count)
      : kernel_(kernel),
        templates_(templates),
        queries_(queries),
        alive_(alive),
        begin_(begin),
        end_(end),
        packs_(queries.rows >= kPackFrom),
        dots_(kMatchQueries * kMatchRows),
        packed_(packs_ ? kMatchRows * queries.stride : 0),
        best_(queries.rows, TopMatches(std::min(count, end - begin))) {}

  void run() {
    for (std::size_t row = begin_; row < end_; row += kMatchRows) {
      const Block block = block_at(row);
      if (packs_) {
        kernel_.pack_rows(block.codes, templates_.dim, packed_.data());
        for (std::size_t q = 0; q < queries_.rows; q += kMatchQueries) {
          prefetch_next(block, q);
          kernel_.dot_packed(packed_.data(), templates_.dim, queries_.from(q), dots_.data());
          const std::size_t left = std::min<std::size_t>(kMatchQueries, queries_.rows - q);
          for (std::size_t i = 0; i < left; ++i) collect(block, q + i, i * kMatchRows);
        }
      } else {
        for (std::size_t q = 0; q < queries_.rows; ++q) {
          kernel_.dot_rows(block.codes, block.count, templates_.dim, queries_.from(q),
                           dots_.data());
          collect(block, q, 0);
        }
      }
    }
  }

  TopMatches& best(std::size_t query) { return best_[query]; }

 private:
  struct Block {
    const std::int8_t* codes;
    const float* scales;
    std::size_t row;
    std::size_t count;
  };

  /// The rows from `row` on, in place, or copied where the kernels would read past the last one.
  Block block_at(std::size_t row) {
    const std::size_t dim = templates_.dim;
    const std::size_t count = std::min<std::size_t>(kMatchRows, end_ - row);
    const std::int8_t* codes = templates_.codes + row * dim;
    const float* scales = templates_.scales + row;
    const std::size_t readable = (templates_.rows - row) * dim;
    if (readable >= kMatchRows * dim + kMatchPadding) return {codes, scales, row, count};
    last_codes_.assign(kMatchRows * dim + kMatchPadding, 0);
    last_scales_.assign(kMatchRows, 0.0f);
    std::copy(codes, codes + count * dim, last_codes_.begin());
    std::copy(scales, scales + count, last_scales_.begin());
    return {last_codes_.data(), last_scales_.data(), row, count};
  }

  /// Brings a share of the next block's codes nearer while the queries from `q` on are compared: 64
  /// queries take 7% less time so.
  void prefetch_next(const Block& block, std::size_t q) const {
    const std::size_t bytes = kMatchRows * templates_.dim;
    const std::size_t share = round_up(bytes * kMatchQueries / queries_.rows, 64);
    const std::int8_t* next = block.codes + bytes + q / kMatchQueries * share;
    for (std::size_t i = 0; i < share; i += 64) __builtin_prefetch(next + i, 0, 2);
  }

  void collect(const Block& block, std::size_t query, std::size_t first_dot) {
    const float scale = queries_.scales[query];
    const std::int32_t* dots = dots_.data() + first_dot;
    TopMatches& best = best_[query];
    std::uint64_t above = kernel_.select_above(dots, block.scales, scale, best.threshold());
    if (block.count < kMatchRows) above &= (std::uint64_t{1} << block.count) - 1;
    for (; above != 0; above &= above - 1) {
      const auto r = static_cast<std::size_t>(__builtin_ctzll(above));
      if (alive_ != nullptr && alive_[block.row + r] == 0) continue;
      const float similarity = static_cast<float>(dots[r]) * (block.scales[r] * scale);
      best.offer({similarity, static_cast<std::int64_t>(block.row + r)});
    }
  }

  const KernelTable& kernel_;
  const Templates& templates_;
  const PaddedQueries& queries_;
  const std::uint8_t* alive_;
  std::size_t begin_;
  std::size_t end_;
  bool packs_;
  std::vector<std::int32_t> dots_;
  std::vector<std::int8_t> packed_;
  std::vector<std::int8_t> last_codes_;
  std::vector<float> last_scales_;
  std::vector<TopMatches> best_;
};

/// Runs every scan, each but the last on a thread of its own.
void run(std::vector<Scan>& scans) {
  std::vector<std::future<void>> others;  // whose destructors wait
  for (Scan& scan : scans) {
    if (&scan == &scans.back()) {
      scan.run();
    } else {
      others.push_back(std::async(std::launch::async, [&scan] { scan.run(); }));
    }
  }
  for (std::future<void>& other : others) other.get();
}

std::size_t count_alive(const std::uint8_t* alive, std::size_t rows) {
  if (alive == nullptr) return rows;
  std::size_t count = 0;
  for (std::size_t i = 0; i < rows; ++i) count += alive[i] != 0;
  return count;
}

}  // namespace

Matches search_int8(const Templates& templates, const Templates& queries, std::size_t k,
                    const SearchOptions& options) {
  check_dim("codes", templates.dim);
  if (queries.dim != templates.dim) {
    throw wrong("queries", text(queries.dim) + " columns",
                text(templates.dim) + " are wanted, as codes have");
  }
  if (k < 1) throw wrong("k", k, "a number of at least 1 is wanted");
  if (options.threads < 1) {
    throw wrong("threads", options.threads, "a number of at least 1 is wanted");
  }
  check_scales("scales", templates.scales, templates.rows);
  check_scales("query_scales", queries.scales, queries.rows);
  const PaddedQueries padded(queries);

  Matches matches;
  matches.count = std::min(k, count_alive(options.alive, templates.rows));
  if (matches.count == 0 || queries.rows == 0) return matches;

  const std::size_t blocks = round_up(templates.rows, kMatchRows) / kMatchRows;
  const std::size_t parts = std::min(static_cast<std::size_t>(options.threads), blocks);
  const KernelTable& kernel = kernels();  // for all threads: a search stays on one level
  std::vector<Scan> scans;
  scans.reserve(parts);
  for (std::size_t i = 0; i < parts; ++i) {
    const std::size_t begin = blocks * i / parts * kMatchRows;
    const std::size_t end = std::min(blocks * (i + 1) / parts * kMatchRows, templates.rows);
    scans.emplace_back(kernel, templates, padded, options.alive, begin, end, matches.count);
  }
  run(scans);

  matches.indices.reserve(queries.rows * matches.count);
  matches.similarities.reserve(queries.rows * matches.count);
  for (std::size_t q = 0; q < queries.rows; ++q) {
    TopMatches best(matches.count);
    for (Scan& scan : scans) best.offer_all(scan.best(q));
    for (const Match& match : best.sort()) {
      matches.indices.push_back(match.index);
      matches.similarities.push_back(match.similarity);
    }
  }
  return matches;
}

}  // namespace rostro
