#include <immintrin.h>

#include "kernels/levels.hpp"

// vpdpbusd multiplies unsigned by signed bytes: rows are taken as row + 128 (one xor), and 128
// times the query's sum is taken off, once a row. It adds without saturation, so 32-bit sums wrap
// and come back: the result is exact.

namespace rostro::avx512vnni {

namespace {

constexpr size_t kGroup = 16;  // rows that one vector holds a sum of each

// Bytes that dot_rows prefetches ahead: further than one page, where hardware prefetchers stop.
constexpr size_t kPrefetch = 6144;

__m512i as_unsigned(__m512i codes) { return _mm512_xor_si512(codes, _mm512_set1_epi8(-128)); }

/// In each 128-bit lane, the sums of that lane of four vectors.
__m512i add_across(__m512i a, __m512i b, __m512i c, __m512i d) {
  const __m512i ab = _mm512_add_epi32(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
  const __m512i cd = _mm512_add_epi32(_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
  return _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd));
}

/// The sums over the four lanes of four such vectors, one after the other.
__m512i add_lanes(__m512i a, __m512i b, __m512i c, __m512i d) {
  const __m512i ab =
      _mm512_add_epi32(_mm512_shuffle_i32x4(a, b, 0x88), _mm512_shuffle_i32x4(a, b, 0xdd));
  const __m512i cd =
      _mm512_add_epi32(_mm512_shuffle_i32x4(c, d, 0x88), _mm512_shuffle_i32x4(c, d, 0xdd));
  return _mm512_add_epi32(_mm512_shuffle_i32x4(ab, cd, 0x88), _mm512_shuffle_i32x4(ab, cd, 0xdd));
}

__m256i load_32(const int8_t* codes) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(codes));
}

/// 8 sums of four products each, added to `sums`.
__m256i add_products(__m256i sums, const int8_t* row, const int8_t* query) {
  const __m256i codes = _mm256_xor_si256(load_32(row), _mm256_set1_epi8(-128));
  return _mm256_dpbusd_epi32(sums, codes, load_32(query));
}

/// 16 sums of products of one row with one query. The latency of vpdpbusd (4-5 cycles) hides behind
/// the next rows, which do not depend on this one. Loads of 32 bytes: NumPy's large arrays begin 16
/// bytes into a cache line, where every load of 64 would straddle two.
__m512i dot_row(const int8_t* row, size_t dim, const int8_t* query) {
  __m256i low = _mm256_setzero_si256(), high = low;
  for (size_t k = 0; k < dim; k += 64) {
    _mm_prefetch(row + k + kPrefetch, _MM_HINT_T0);
    low = add_products(low, row + k, query + k);
    high = add_products(high, row + k + 32, query + k + 32);
  }
  return _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
}

/// The transpose of 16 x 16 32-bit elements, in place.
void transpose(__m512i* v) {
  __m512i t[16];
  for (int i = 0; i < 16; i += 2) {
    t[i] = _mm512_unpacklo_epi32(v[i], v[i + 1]);
    t[i + 1] = _mm512_unpackhi_epi32(v[i], v[i + 1]);
  }
  for (int i = 0; i < 16; i += 4) {
    v[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
    v[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
    v[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
    v[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
  }
  for (int i = 0; i < 4; ++i) {
    t[i] = _mm512_shuffle_i32x4(v[i], v[i + 4], 0x88);
    t[i + 4] = _mm512_shuffle_i32x4(v[i], v[i + 4], 0xdd);
    t[i + 8] = _mm512_shuffle_i32x4(v[i + 8], v[i + 12], 0x88);
    t[i + 12] = _mm512_shuffle_i32x4(v[i + 8], v[i + 12], 0xdd);
  }
  for (int i = 0; i < 8; ++i) {
    v[i] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0x88);
    v[i + 8] = _mm512_shuffle_i32x4(t[i], t[i + 8], 0xdd);
  }
}

/// Four codes of each of 64 packed rows.
struct Rows {
  explicit Rows(const int8_t* packed)
      : a(_mm512_loadu_si512(packed)),
        b(_mm512_loadu_si512(packed + 64)),
        c(_mm512_loadu_si512(packed + 128)),
        d(_mm512_loadu_si512(packed + 192)) {}

  __m512i a, b, c, d;
};

/// The dot products of 64 rows with one query. (Named vectors: GCC keeps arrays of them in memory,
/// or copies them at every step.)
struct Sums {
  explicit Sums(int32_t query_sum) : a(_mm512_set1_epi32(-128 * query_sum)), b(a), c(a), d(a) {}

  void add(const Rows& rows, const int8_t* query) {
    int codes;
    __builtin_memcpy(&codes, query, sizeof codes);
    const __m512i q = _mm512_set1_epi32(codes);
    a = _mm512_dpbusd_epi32(a, rows.a, q);
    b = _mm512_dpbusd_epi32(b, rows.b, q);
    c = _mm512_dpbusd_epi32(c, rows.c, q);
    d = _mm512_dpbusd_epi32(d, rows.d, q);
  }

  void store(int32_t* dots) const {
    _mm512_storeu_si512(dots, a);
    _mm512_storeu_si512(dots + 16, b);
    _mm512_storeu_si512(dots + 32, c);
    _mm512_storeu_si512(dots + 48, d);
  }

  __m512i a, b, c, d;
};

}  // namespace

void dot_rows(const int8_t* rows, size_t count, size_t dim, const QueryCodes& query,
              int32_t* dots) {
  const __m512i bias = _mm512_set1_epi32(-128 * query.sums[0]);
  for (size_t r = 0; r < count; r += kGroup) {
    __m512i sums[kGroup];
    for (size_t i = 0; i < kGroup; ++i) sums[i] = dot_row(rows + (r + i) * dim, dim, query.codes);
    __m512i quads[4];
    for (int i = 0; i < 4; ++i) {
      quads[i] = add_across(sums[4 * i], sums[4 * i + 1], sums[4 * i + 2], sums[4 * i + 3]);
    }
    const __m512i all = add_lanes(quads[0], quads[1], quads[2], quads[3]);
    _mm512_storeu_si512(dots + r, _mm512_add_epi32(all, bias));
  }
}

// For every 4 codes of the dimension, 4 vectors: those codes of rows 0-15, 16-31, 32-47, 48-63. The
// next 16 rows are prefetched meanwhile: hardware does not foresee this order.
void pack_rows(const int8_t* rows, size_t dim, int8_t* packed) {
  const size_t next = kGroup * dim;
  for (size_t group = 0; group < 4; ++group) {
    for (size_t k = 0; k < dim; k += 64) {
      const int8_t* row = rows + group * next + k;
      __m512i v[16];
      for (size_t r = 0; r < 16; ++r) {
        _mm_prefetch(row + next, _MM_HINT_T0);
        v[r] = as_unsigned(_mm512_loadu_si512(row));
        row += dim;
      }
      transpose(v);
      int8_t* out = packed + k * kMatchRows + group * 64;
      for (size_t step = 0; step < 16; ++step) _mm512_storeu_si512(out + step * 256, v[step]);
    }
  }
}

// 64 rows x 4 queries: 16 sums, one lane a row. A step is 16 vpdpbusd, 2 a cycle, for 8 loads (the
// broadcasts are loads, too), also 2 a cycle: vpdpbusd is the bound.
void dot_packed(const int8_t* packed, size_t dim, const QueryCodes& queries, int32_t* dots) {
  const int8_t* query = queries.codes;
  Sums q0(queries.sums[0]), q1(queries.sums[1]), q2(queries.sums[2]), q3(queries.sums[3]);
  for (size_t k = 0; k < dim; k += 4) {
    const Rows rows(packed + k * kMatchRows);
    q0.add(rows, query + k);
    q1.add(rows, query + queries.stride + k);
    q2.add(rows, query + 2 * queries.stride + k);
    q3.add(rows, query + 3 * queries.stride + k);
  }
  q0.store(dots);
  q1.store(dots + kMatchRows);
  q2.store(dots + 2 * kMatchRows);
  q3.store(dots + 3 * kMatchRows);
}

uint64_t select_above(const int32_t* dots, const float* scales, float query_scale,
                      float threshold) {
  const __m512 scale = _mm512_set1_ps(query_scale);
  const __m512 limit = _mm512_set1_ps(threshold);
  uint64_t above = 0;
  for (int r = 0; r < kMatchRows; r += 16) {
    const __m512 dot = _mm512_cvtepi32_ps(_mm512_loadu_si512(dots + r));
    const __m512 similarity = _mm512_mul_ps(dot, _mm512_mul_ps(_mm512_loadu_ps(scales + r), scale));
    above |= static_cast<uint64_t>(_mm512_cmp_ps_mask(similarity, limit, _CMP_GT_OQ)) << r;
  }
  return above;
}

}  // namespace rostro::avx512vnni
