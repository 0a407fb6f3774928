#include <immintrin.h>

#include "kernels/levels.hpp"

// vpmaddubsw multiplies unsigned by signed bytes and adds pairs with 16-bit saturation: |row| times
// the query with the row's sign. With |row| <= 128 and |query| <= 127 a pair stays within 32512.

namespace rostro::avx2 {

namespace {

// Bytes that dot_rows prefetches ahead: further than one page, where hardware prefetchers stop.
constexpr size_t kPrefetch = 6144;

__m256i load(const int8_t* codes) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(codes));
}

/// Eight sums of four products each, added to `sum`: 4 uops beside the magnitude of the row.
__m256i add_products(__m256i sum, __m256i row, __m256i magnitude, __m256i query) {
  const __m256i pairs = _mm256_maddubs_epi16(magnitude, _mm256_sign_epi8(query, row));
  return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

/// Eight sums of one row with one query. Their latency hides behind the next rows, which do not
/// depend on this one.
__m256i dot_row(const int8_t* row, size_t dim, const int8_t* query) {
  __m256i sums = _mm256_setzero_si256();
  for (size_t k = 0; k < dim; k += 32) {
    _mm_prefetch(row + k + kPrefetch, _MM_HINT_T0);
    const __m256i codes = load(row + k);
    sums = add_products(sums, codes, _mm256_abs_epi8(codes), load(query + k));
  }
  return sums;
}

/// In each 128-bit half, the sums of that half of four vectors.
__m256i add_across(const __m256i* v) {
  return _mm256_hadd_epi32(_mm256_hadd_epi32(v[0], v[1]), _mm256_hadd_epi32(v[2], v[3]));
}

/// The transpose of 8 x 8 32-bit elements, in place.
void transpose(__m256i* v) {
  __m256i t[8];
  for (int i = 0; i < 8; i += 2) {
    t[i] = _mm256_unpacklo_epi32(v[i], v[i + 1]);
    t[i + 1] = _mm256_unpackhi_epi32(v[i], v[i + 1]);
  }
  for (int i = 0; i < 8; i += 4) {
    v[i] = _mm256_unpacklo_epi64(t[i], t[i + 2]);
    v[i + 1] = _mm256_unpackhi_epi64(t[i], t[i + 2]);
    v[i + 2] = _mm256_unpacklo_epi64(t[i + 1], t[i + 3]);
    v[i + 3] = _mm256_unpackhi_epi64(t[i + 1], t[i + 3]);
  }
  for (int i = 0; i < 4; ++i) {
    t[i] = _mm256_permute2x128_si256(v[i], v[i + 4], 0x20);
    t[i + 4] = _mm256_permute2x128_si256(v[i], v[i + 4], 0x31);
  }
  for (int i = 0; i < 8; ++i) v[i] = t[i];
}

}  // namespace

void dot_rows(const int8_t* rows, size_t count, size_t dim, const QueryCodes& query,
              int32_t* dots) {
  for (size_t r = 0; r < count; r += 8) {
    __m256i sums[8];
    for (size_t i = 0; i < 8; ++i) sums[i] = dot_row(rows + (r + i) * dim, dim, query.codes);
    const __m256i a = add_across(sums);
    const __m256i b = add_across(sums + 4);
    const __m256i all = _mm256_add_epi32(_mm256_permute2x128_si256(a, b, 0x20),
                                         _mm256_permute2x128_si256(a, b, 0x31));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(dots + r), all);
  }
}

// For every 4 codes of the dimension, 8 vectors: those codes of rows 0-7, 8-15, ..., 56-63.
void pack_rows(const int8_t* rows, size_t dim, int8_t* packed) {
  for (size_t group = 0; group < 8; ++group) {
    const int8_t* first = rows + group * 8 * dim;
    for (size_t k = 0; k < dim; k += 32) {
      __m256i v[8];
      for (size_t r = 0; r < 8; ++r) v[r] = load(first + r * dim + k);
      transpose(v);
      int8_t* out = packed + k * kMatchRows + group * 32;
      for (size_t step = 0; step < 8; ++step) {
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + step * 256), v[step]);
      }
    }
  }
}

// 16 rows x 4 queries at a time: 8 sums, one lane a row, 4 vectors of rows and their magnitudes,
// which leaves 4 of the 16 registers. Bound by the two multiplications for 32 products.
void dot_packed(const int8_t* packed, size_t dim, const QueryCodes& queries, int32_t* dots) {
  for (size_t r = 0; r < kMatchRows; r += 16) {
    __m256i sums[kMatchQueries][2] = {};
    for (size_t k = 0; k < dim; k += 4) {
      const int8_t* codes = packed + k * kMatchRows + r * 4;
      const __m256i rows[2] = {load(codes), load(codes + 32)};
      const __m256i magnitudes[2] = {_mm256_abs_epi8(rows[0]), _mm256_abs_epi8(rows[1])};
      for (size_t q = 0; q < kMatchQueries; ++q) {
        int four;
        __builtin_memcpy(&four, queries.codes + q * queries.stride + k, sizeof four);
        const __m256i query = _mm256_set1_epi32(four);
        for (int g = 0; g < 2; ++g) {
          sums[q][g] = add_products(sums[q][g], rows[g], magnitudes[g], query);
        }
      }
    }
    for (size_t q = 0; q < kMatchQueries; ++q) {
      for (size_t g = 0; g < 2; ++g) {
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(dots + q * kMatchRows + r + 8 * g),
                            sums[q][g]);
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
