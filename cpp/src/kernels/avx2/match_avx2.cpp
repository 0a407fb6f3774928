#include <immintrin.h>

#include "kernels/levels.hpp"

// vpmaddubsw multiplies unsigned by signed bytes and adds pairs into words: |query| times the row's
// codes, complemented where the query is negative. As ~r = -r - 1, what is missing is the sum of
// |query| there, the same for all rows. A pair stays within 127 * (128 + 128) = 32512.
//
// The words become 32-bit sums without a second multiplication: a sum of them modulo 2^16 and a
// sum of their high bytes together hold the exact sum of 256 words. That is a shift and an addition
// in the place of vpmaddwd by ones, for Zen and Zen 2 multiply in one of four pipes alone. llvm-mca
// 19, cycles for 64 products in the loop of dot_packed, on znver1 (where 256 bits are two
// operations), haswell, skylake: 5.7, 3.8, 3.3. With vpsignb, vpmaddubsw, vpmaddwd and vpaddd they
// were 8.0, 4.0, 3.3, and on a Sapphire Rapids both take the same time: 8 operations for three
// ports, 24 products a cycle, are the bound there.

namespace rostro::avx2 {

namespace {

// Bytes that dot_rows prefetches ahead: further than one page, where hardware prefetchers stop.
constexpr size_t kPrefetch = 6144;

/// Words of which the high bytes may be added up in 16 bits.
constexpr size_t kMostWords = 256;

__m256i load(const int8_t* codes) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(codes));
}

/// Codes of a query from `begin` on, as magnitudes, and all ones where they are negative.
template <size_t kCodes>
struct Query {
  alignas(32) int8_t magnitude[kCodes];
  alignas(32) int8_t flip[kCodes];
  int32_t missing;  ///< the sum of the magnitudes where the codes are negative

  /// The first `count` codes, of which there is a multiple of 32.
  void set(const int8_t* codes, size_t count) {
    __m256i sums = _mm256_setzero_si256();
    for (size_t k = 0; k < count; k += 32) {
      const __m256i code = load(codes + k);
      const __m256i negative = _mm256_cmpgt_epi8(_mm256_setzero_si256(), code);
      const __m256i absolute = _mm256_abs_epi8(code);
      _mm256_store_si256(reinterpret_cast<__m256i*>(magnitude + k), absolute);
      _mm256_store_si256(reinterpret_cast<__m256i*>(flip + k), negative);
      const __m256i flipped = _mm256_and_si256(absolute, negative);
      sums = _mm256_add_epi64(sums, _mm256_sad_epu8(flipped, _mm256_setzero_si256()));
    }
    const __m128i half =
        _mm_add_epi64(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
    missing = _mm_cvtsi128_si32(half) + _mm_extract_epi32(half, 2);
  }
};

__m256i pairs(__m256i magnitude, __m256i flip, __m256i row) {
  return _mm256_maddubs_epi16(magnitude, _mm256_xor_si256(row, flip));
}

/// Sums of words, at most kMostWords in each.
struct WordSums {
  __m256i low = _mm256_setzero_si256();   ///< modulo 2^16
  __m256i high = _mm256_setzero_si256();  ///< of the words' high bytes

  void add(__m256i words) {
    low = _mm256_add_epi16(low, words);
    high = _mm256_add_epi16(high, _mm256_srai_epi16(words, 8));
  }

  /// The exact sums of two neighbours each.
  __m256i total() const {
    // The low bytes' sum is below 2^16.
    const __m256i rest = _mm256_sub_epi16(low, _mm256_slli_epi16(high, 8));
    const __m256i even = _mm256_and_si256(rest, _mm256_set1_epi32(0xffff));
    const __m256i odd = _mm256_srli_epi32(rest, 16);
    const __m256i most = _mm256_madd_epi16(high, _mm256_set1_epi16(256));
    return _mm256_add_epi32(most, _mm256_add_epi32(even, odd));
  }
};

/// The sums of four vectors each, in one.
__m128i add_across(__m256i a, __m256i b, __m256i c, __m256i d) {
  const __m256i ab = _mm256_add_epi32(_mm256_unpacklo_epi32(a, b), _mm256_unpackhi_epi32(a, b));
  const __m256i cd = _mm256_add_epi32(_mm256_unpacklo_epi32(c, d), _mm256_unpackhi_epi32(c, d));
  const __m256i all =
      _mm256_add_epi32(_mm256_unpacklo_epi64(ab, cd), _mm256_unpackhi_epi64(ab, cd));
  return _mm_add_epi32(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1));
}

size_t round_up(size_t n, size_t step) { return (n + step - 1) / step * step; }

// dot_rows takes so many codes of the query at a time.
constexpr size_t kLongest = 4096;
static_assert(kLongest / 32 <= kMostWords);

using LongQuery = Query<kLongest>;

/// Eight sums of one row. Their latency hides behind the next rows, which do not depend on it.
__m256i dot_row(const int8_t* row, size_t count, const LongQuery& query) {
  WordSums sums;
  const auto add = [&](size_t k) {
    const auto* magnitude = reinterpret_cast<const __m256i*>(query.magnitude + k);
    const auto* flip = reinterpret_cast<const __m256i*>(query.flip + k);
    sums.add(pairs(_mm256_load_si256(magnitude), _mm256_load_si256(flip), load(row + k)));
  };
  size_t k = 0;
  for (; k + 64 <= count; k += 64) {
    _mm_prefetch(row + k + kPrefetch, _MM_HINT_T0);
    add(k);
    add(k + 32);
  }
  if (k < count) add(k);
  return sums.total();
}

// dot_packed takes so many codes of the queries at a time, in groups of 8: the products of each
// half of a group become words, and two words one where that cannot overflow.
constexpr size_t kShortest = 1024;
constexpr size_t kGroup = 8;
static_assert(2 * kShortest / kGroup <= kMostWords);

/// Four queries, and which groups are so small that words of them may be added: with magnitudes m,
/// 128 (m[0] + m[1] + m[4] + m[5]) and 128 (m[2] + m[3] + m[6] + m[7]) must be below 2^15. Hardly
/// one in a hundred of an embedding's groups is not.
struct Queries {
  Query<kShortest> query[kMatchQueries];
  uint8_t small[kShortest / kGroup], large[kShortest / kGroup];
  size_t smalls, larges;

  void set(const QueryCodes& queries, size_t begin, size_t count) {
    for (size_t q = 0; q < kMatchQueries; ++q) {
      query[q].set(queries.codes + q * queries.stride + begin, count);
    }
    smalls = larges = 0;
    for (size_t k = 0; k < count; k += 32) {
      __m256i most = _mm256_setzero_si256();
      for (const auto& each : query) {
        const __m256i codes = load(each.magnitude + k);
        const __m256i two = _mm256_maddubs_epi16(codes, _mm256_set1_epi8(1));
        most = _mm256_max_epi16(most, _mm256_add_epi16(two, _mm256_shuffle_epi32(two, 0xB1)));
      }
      const __m256i beyond = _mm256_cmpgt_epi16(most, _mm256_set1_epi16(255));
      const auto bits = static_cast<unsigned>(_mm256_movemask_epi8(beyond));
      for (size_t g = 0; g < 32 / kGroup; ++g) {
        const bool is_large = (bits >> (kGroup * g) & 0xff) != 0;
        small[smalls] = large[larges] = static_cast<uint8_t>(k / kGroup + g);
        smalls += is_large ? 0 : 1;
        larges += is_large ? 1 : 0;
      }
    }
  }
};

__m256i broadcast(const int8_t* codes) {
  int four;
  __builtin_memcpy(&four, codes, sizeof four);
  return _mm256_set1_epi32(four);
}

/// 16 rows x 2 queries: 8 vectors of sums, one 32-bit lane a row.
struct Tile {
  WordSums a0, a1, b0, b1;  ///< queries a and b, rows 0-7 and 8-15

  template <bool kSmall>
  static void add(WordSums& sums, __m256i magnitude0, __m256i flip0, __m256i row0,
                  __m256i magnitude1, __m256i flip1, __m256i row1) {
    const __m256i words0 = pairs(magnitude0, flip0, row0), words1 = pairs(magnitude1, flip1, row1);
    if (kSmall) return sums.add(_mm256_add_epi16(words0, words1));
    sums.add(words0);
    sums.add(words1);
  }

  template <bool kSmall>
  void add_groups(const int8_t* packed, const Query<kShortest>& a, const Query<kShortest>& b,
                  const uint8_t* groups, size_t count) {
    for (size_t i = 0; i < count; ++i) {
      const size_t k = kGroup * groups[i];
      const int8_t* rows = packed + 16 * k;
      const auto add_query = [&](const Query<kShortest>& query, WordSums& s0, WordSums& s1) {
        // Hides that both queries want the same rows: to keep them in registers, compilers would
        // keep sums in memory.
        asm("" : "+r"(rows));
        const __m256i m0 = broadcast(query.magnitude + k), m1 = broadcast(query.magnitude + k + 4);
        const __m256i f0 = broadcast(query.flip + k), f1 = broadcast(query.flip + k + 4);
        add<kSmall>(s0, m0, f0, load(rows), m1, f1, load(rows + 64));
        add<kSmall>(s1, m0, f0, load(rows + 32), m1, f1, load(rows + 96));
      };
      add_query(a, a0, a1);
      add_query(b, b0, b1);
    }
  }
};

void add_dots(int32_t* dots, bool begins, __m256i total, int32_t missing) {
  auto* to = reinterpret_cast<__m256i*>(dots);
  const __m256i before = begins ? _mm256_setzero_si256() : _mm256_loadu_si256(to);
  const __m256i more = _mm256_add_epi32(total, _mm256_set1_epi32(missing));
  _mm256_storeu_si256(to, _mm256_add_epi32(before, more));
}

}  // namespace

void dot_rows(const int8_t* rows, size_t count, size_t dim, const QueryCodes& query,
              int32_t* dots) {
  LongQuery part;
  for (size_t begin = 0; begin < dim; begin += kLongest) {
    const size_t left = round_up(dim - begin, 32);
    const size_t codes = left < kLongest ? left : kLongest;
    part.set(query.codes + begin, codes);
    const __m128i missing = _mm_set1_epi32(part.missing);
    for (size_t r = 0; r < count; r += 4) {
      const int8_t* row = rows + r * dim + begin;
      const __m128i sums =
          add_across(dot_row(row, codes, part), dot_row(row + dim, codes, part),
                     dot_row(row + 2 * dim, codes, part), dot_row(row + 3 * dim, codes, part));
      auto* to = reinterpret_cast<__m128i*>(dots + r);
      const __m128i before = begin == 0 ? _mm_setzero_si128() : _mm_loadu_si128(to);
      _mm_storeu_si128(to, _mm_add_epi32(before, _mm_add_epi32(sums, missing)));
    }
  }
}

// 16 rows after 16 rows, so that dot_packed reads one byte after the other; of each, for every 4
// codes of the dimension, 2 vectors: those codes of rows 0-7 and 8-15. Rows r and r + 4 share a
// vector from the beginning, for on Zen a permutation across its halves takes 8 operations.
void pack_rows(const int8_t* rows, size_t dim, int8_t* packed) {
  const size_t stride = round_up(dim, 32);
  for (size_t r = 0; r < kMatchRows; r += 8) {
    int8_t* out = packed + r / 16 * 16 * stride + r % 16 * 4;
    for (size_t k = 0; k < stride; k += 16, out += 256) {
      __m256i v[4];
      for (size_t i = 0; i < 4; ++i) {
        const int8_t* row = rows + (r + i) * dim + k;
        v[i] = _mm256_loadu2_m128i(reinterpret_cast<const __m128i*>(row + 4 * dim),
                                   reinterpret_cast<const __m128i*>(row));
      }
      const __m256i low01 = _mm256_unpacklo_epi32(v[0], v[1]);
      const __m256i high01 = _mm256_unpackhi_epi32(v[0], v[1]);
      const __m256i low23 = _mm256_unpacklo_epi32(v[2], v[3]);
      const __m256i high23 = _mm256_unpackhi_epi32(v[2], v[3]);
      auto* to = reinterpret_cast<__m256i*>(out);
      _mm256_storeu_si256(to, _mm256_unpacklo_epi64(low01, low23));
      _mm256_storeu_si256(to + 2, _mm256_unpackhi_epi64(low01, low23));
      _mm256_storeu_si256(to + 4, _mm256_unpacklo_epi64(high01, high23));
      _mm256_storeu_si256(to + 6, _mm256_unpackhi_epi64(high01, high23));
    }
  }
}

void dot_packed(const int8_t* packed, size_t dim, const QueryCodes& queries, int32_t* dots) {
  const size_t stride = round_up(dim, 32);
  Queries part;
  for (size_t begin = 0; begin < stride; begin += kShortest) {
    const size_t left = stride - begin;
    part.set(queries, begin, left < kShortest ? left : kShortest);
    for (size_t r = 0; r < kMatchRows; r += 16) {
      const int8_t* rows = packed + r * stride + 16 * begin;
      for (size_t q = 0; q < kMatchQueries; q += 2) {
        const Query<kShortest>&a = part.query[q], &b = part.query[q + 1];
        Tile tile;
        tile.add_groups<true>(rows, a, b, part.small, part.smalls);
        tile.add_groups<false>(rows, a, b, part.large, part.larges);
        int32_t* to = dots + q * kMatchRows + r;
        add_dots(to, begin == 0, tile.a0.total(), a.missing);
        add_dots(to + 8, begin == 0, tile.a1.total(), a.missing);
        add_dots(to + kMatchRows, begin == 0, tile.b0.total(), b.missing);
        add_dots(to + kMatchRows + 8, begin == 0, tile.b1.total(), b.missing);
      }
    }
  }
}

uint64_t select_above(const int32_t* dots, const float* scales, float query_scale,
                      float threshold) {
  const __m256 scale = _mm256_set1_ps(query_scale);
  const __m256 limit = _mm256_set1_ps(threshold);
  uint64_t above = 0;
  for (int r = 0; r < kMatchRows; r += 8) {
    const __m256 dot =
        _mm256_cvtepi32_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(dots + r)));
    const __m256 similarity = _mm256_mul_ps(dot, _mm256_mul_ps(_mm256_loadu_ps(scales + r), scale));
    const int mask = _mm256_movemask_ps(_mm256_cmp_ps(similarity, limit, _CMP_GT_OQ));
    above |= static_cast<uint64_t>(static_cast<unsigned>(mask)) << r;
  }
  return above;
}

}  // namespace rostro::avx2
