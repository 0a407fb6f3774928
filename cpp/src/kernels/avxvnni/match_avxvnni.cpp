#include <immintrin.h>

#include "kernels/levels.hpp"

// vpdpbusd of 256 bits, as CPUs have it that have no AVX-512. It multiplies unsigned by signed
// bytes: rows are taken as row + 128 (one xor), and 128 times the query's sum is taken off, once a
// row. It adds without saturation, so 32-bit sums wrap and come back: the result is exact.

namespace rostro::avxvnni {

namespace {

// Bytes that dot_rows prefetches ahead: further than one page, where hardware prefetchers stop.
constexpr size_t kPrefetch = 6144;

__m256i load(const int8_t* codes) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(codes));
}

__m256i as_unsigned(__m256i codes) { return _mm256_xor_si256(codes, _mm256_set1_epi8(-128)); }

/// 8 sums of products of one row with one query. Two chains, and the rows after it, which do not
/// depend on it, hide the latency of 4 to 5 cycles.
__m256i dot_row(const int8_t* row, size_t dim, const int8_t* query) {
  __m256i low = _mm256_setzero_si256(), high = low;
  for (size_t k = 0; k < dim; k += 64) {
    _mm_prefetch(row + k + kPrefetch, _MM_HINT_T0);
    low = _mm256_dpbusd_avx_epi32(low, as_unsigned(load(row + k)), load(query + k));
    high = _mm256_dpbusd_avx_epi32(high, as_unsigned(load(row + k + 32)), load(query + k + 32));
  }
  return _mm256_add_epi32(low, high);
}

/// The sums of four vectors each, in one.
__m128i add_across(__m256i a, __m256i b, __m256i c, __m256i d) {
  const __m256i ab = _mm256_add_epi32(_mm256_unpacklo_epi32(a, b), _mm256_unpackhi_epi32(a, b));
  const __m256i cd = _mm256_add_epi32(_mm256_unpacklo_epi32(c, d), _mm256_unpackhi_epi32(c, d));
  const __m256i all =
      _mm256_add_epi32(_mm256_unpacklo_epi64(ab, cd), _mm256_unpackhi_epi64(ab, cd));
  return _mm_add_epi32(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1));
}

size_t round_up(size_t n, size_t step) { return (n + step - 1) / step * step; }

// A block's rows are packed in groups of 24, 24 and 16, one group after the other; of each, for
// every 4 codes of the dimension, those codes of 8 rows a vector.
constexpr size_t kSecond = 24, kThird = 48;

/// Rows r to r + 7 of a block, to every `kVectors`-th vector.
template <size_t kVectors>
void pack_eight(const int8_t* rows, size_t dim, int8_t* packed) {
  for (size_t k = 0; k < dim; k += 16) {
    // Rows i and i + 4 share a vector, so that the transpose stays within its halves.
    __m256i v[4];
    for (size_t i = 0; i < 4; ++i) {
      const int8_t* row = rows + i * dim + k;
      v[i] = as_unsigned(_mm256_loadu2_m128i(reinterpret_cast<const __m128i*>(row + 4 * dim),
                                             reinterpret_cast<const __m128i*>(row)));
    }
    const __m256i low01 = _mm256_unpacklo_epi32(v[0], v[1]);
    const __m256i high01 = _mm256_unpackhi_epi32(v[0], v[1]);
    const __m256i low23 = _mm256_unpacklo_epi32(v[2], v[3]);
    const __m256i high23 = _mm256_unpackhi_epi32(v[2], v[3]);
    auto* to = reinterpret_cast<__m256i*>(packed + 8 * kVectors * k);
    _mm256_storeu_si256(to, _mm256_unpacklo_epi64(low01, low23));
    _mm256_storeu_si256(to + kVectors, _mm256_unpackhi_epi64(low01, low23));
    _mm256_storeu_si256(to + 2 * kVectors, _mm256_unpacklo_epi64(high01, high23));
    _mm256_storeu_si256(to + 3 * kVectors, _mm256_unpackhi_epi64(high01, high23));
  }
}

template <size_t kVectors>
void pack_group(const int8_t* rows, size_t dim, int8_t* packed) {
  for (size_t v = 0; v < kVectors; ++v) {
    pack_eight<kVectors>(rows + 8 * v * dim, dim, packed + 32 * v);
  }
}

/// The dot products of a group with one query.
template <size_t kVectors>
struct Sums {
  explicit Sums(int32_t query_sum) {
    for (__m256i& sum : of) sum = _mm256_set1_epi32(-128 * query_sum);
  }

  void add(const __m256i* rows, const int8_t* query) {
    int codes;
    __builtin_memcpy(&codes, query, sizeof codes);
    const __m256i q = _mm256_set1_epi32(codes);
    for (size_t v = 0; v < kVectors; ++v) of[v] = _mm256_dpbusd_avx_epi32(of[v], rows[v], q);
  }

  void store(int32_t* dots) const {
    for (size_t v = 0; v < kVectors; ++v) {
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(dots + 8 * v), of[v]);
    }
  }

  __m256i of[kVectors];
};

/// 24 rows x 4 queries: 12 sums, one lane a row, 3 vectors of rows and one of a query are the 16
/// registers. A step is 12 vpdpbusd, 2 a cycle, for 7 loads: vpdpbusd is the bound, and 12 sums
/// hide its latency, as 8 would not.
template <size_t kVectors>
void dot_group(const int8_t* packed, size_t dim, const QueryCodes& queries, int32_t* dots) {
  const int8_t* query = queries.codes;
  const size_t stride = queries.stride;
  Sums<kVectors> q0(queries.sums[0]), q1(queries.sums[1]), q2(queries.sums[2]), q3(queries.sums[3]);
  for (size_t k = 0; k < dim; k += 4) {
    __m256i rows[kVectors];
    for (size_t v = 0; v < kVectors; ++v) rows[v] = load(packed + 8 * kVectors * k + 32 * v);
    q0.add(rows, query + k);
    q1.add(rows, query + stride + k);
    q2.add(rows, query + 2 * stride + k);
    q3.add(rows, query + 3 * stride + k);
  }
  q0.store(dots);
  q1.store(dots + kMatchRows);
  q2.store(dots + 2 * kMatchRows);
  q3.store(dots + 3 * kMatchRows);
}

}  // namespace

void dot_rows(const int8_t* rows, size_t count, size_t dim, const QueryCodes& query,
              int32_t* dots) {
  const __m128i bias = _mm_set1_epi32(-128 * query.sums[0]);
  const int8_t* codes = query.codes;
  for (size_t r = 0; r < count; r += 4) {
    const int8_t* row = rows + r * dim;
    const __m128i sums =
        add_across(dot_row(row, dim, codes), dot_row(row + dim, dim, codes),
                   dot_row(row + 2 * dim, dim, codes), dot_row(row + 3 * dim, dim, codes));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(dots + r), _mm_add_epi32(sums, bias));
  }
}

void pack_rows(const int8_t* rows, size_t dim, int8_t* packed) {
  const size_t stride = round_up(dim, 16);
  pack_group<3>(rows, dim, packed);
  pack_group<3>(rows + kSecond * dim, dim, packed + kSecond * stride);
  pack_group<2>(rows + kThird * dim, dim, packed + kThird * stride);
}

void dot_packed(const int8_t* packed, size_t dim, const QueryCodes& queries, int32_t* dots) {
  const size_t stride = round_up(dim, 16);
  dot_group<3>(packed, dim, queries, dots);
  dot_group<3>(packed + kSecond * stride, dim, queries, dots + kSecond);
  dot_group<2>(packed + kThird * stride, dim, queries, dots + kThird);
}

}  // namespace rostro::avxvnni
