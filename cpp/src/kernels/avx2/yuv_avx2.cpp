#include <immintrin.h>

#include "kernels/levels.hpp"

namespace rostro::avx2 {

namespace {

// 8 pixels a step, in 32 bits: five vpmulld (one operation on Zen, two on Intel) of about 40
// operations. Each lane has four pixels.

/// The samples of 8 pixels.
struct Samples {
  __m256i y, u, v;
};

__m256i shifted(__m256i order, int64_t bytes) {
  return _mm256_add_epi32(order, _mm256_set1_epi32(static_cast<int>(bytes)));
}

__m256i luma_of(const uint8_t* y) {
  return _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(y)));
}

/// I420.
struct Planar {
  const YuvRow& row;

  Samples operator()(int x) const {
    return {luma_of(row.y + x), chroma(row.u + x / 2), chroma(row.v + x / 2)};
  }

  static __m256i chroma(const uint8_t* samples) {
    const __m256i order = _mm256_setr_epi32(0x80808000, 0x80808000, 0x80808001, 0x80808001,
                                            0x80808002, 0x80808002, 0x80808003, 0x80808003);
    int four;
    __builtin_memcpy(&four, samples, 4);
    return _mm256_shuffle_epi8(_mm256_set1_epi32(four), order);
  }
};

/// NV12, NV21.
struct SemiPlanar {
  explicit SemiPlanar(const YuvRow& row)
      : y(row.y),
        chroma(row.u < row.v ? row.u : row.v),
        u_order(shifted(pairs(), row.u - chroma)),
        v_order(shifted(pairs(), row.v - chroma)) {}

  Samples operator()(int x) const {
    const __m256i bytes =
        _mm256_broadcastsi128_si256(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(chroma + x)));
    return {luma_of(y + x), _mm256_shuffle_epi8(bytes, u_order),
            _mm256_shuffle_epi8(bytes, v_order)};
  }

  static __m256i pairs() {
    return _mm256_setr_epi32(0x80808000, 0x80808000, 0x80808002, 0x80808002, 0x80808004, 0x80808004,
                             0x80808006, 0x80808006);
  }

  const uint8_t *y, *chroma;
  __m256i u_order, v_order;
};

/// YUYV, UYVY.
struct Packed {
  explicit Packed(const YuvRow& row)
      : bytes(row.y < row.u ? row.y : row.u),
        y_order(shifted(_mm256_setr_epi32(0x80808000, 0x80808002, 0x80808004, 0x80808006,
                                          0x80808008, 0x8080800A, 0x8080800C, 0x8080800E),
                        row.y - bytes)),
        u_order(shifted(quads(), row.u - bytes)),
        v_order(shifted(quads(), row.v - bytes)) {}

  Samples operator()(int x) const {
    const __m256i pixels = _mm256_broadcastsi128_si256(
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + 2 * x)));
    return {_mm256_shuffle_epi8(pixels, y_order), _mm256_shuffle_epi8(pixels, u_order),
            _mm256_shuffle_epi8(pixels, v_order)};
  }

  static __m256i quads() {
    return _mm256_setr_epi32(0x80808000, 0x80808000, 0x80808004, 0x80808004, 0x80808008, 0x80808008,
                             0x8080800C, 0x8080800C);
  }

  const uint8_t* bytes;
  __m256i y_order, u_order, v_order;
};

__m256i times(__m256i value, int factor) {
  return _mm256_mullo_epi32(value, _mm256_set1_epi32(factor));
}

/// Rounds a channel that is in 1/2^20.
__m256i to_pixel(__m256i value) {
  return _mm256_srai_epi32(_mm256_add_epi32(value, _mm256_set1_epi32(1 << 19)), 20);
}

void convert(const Samples& samples, uint8_t* bgr) {
  const __m256i luma = _mm256_sub_epi32(samples.y, _mm256_set1_epi32(16));
  const __m256i y = times(_mm256_max_epi32(luma, _mm256_setzero_si256()), 1220542);
  const __m256i u = _mm256_sub_epi32(samples.u, _mm256_set1_epi32(128));
  const __m256i v = _mm256_sub_epi32(samples.v, _mm256_set1_epi32(128));
  const __m256i blue = to_pixel(_mm256_add_epi32(y, times(u, 2116026)));
  const __m256i green =
      to_pixel(_mm256_add_epi32(y, _mm256_add_epi32(times(u, -409993), times(v, -852492))));
  const __m256i red = to_pixel(_mm256_add_epi32(y, times(v, 1673527)));
  // The saturation of the two packs is the clamp to 0..255.
  const __m256i bytes =
      _mm256_packus_epi16(_mm256_packs_epi32(blue, green), _mm256_packs_epi32(red, red));
  const __m128i order = _mm_setr_epi8(0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11, -1, -1, -1, -1);
  const __m256i lanes = _mm256_shuffle_epi8(bytes, _mm256_broadcastsi128_si256(order));
  const __m256i pixels =
      _mm256_permutevar8x32_epi32(lanes, _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 3, 7));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(bgr), _mm256_castsi256_si128(pixels));
  _mm_storel_epi64(reinterpret_cast<__m128i*>(bgr + 16), _mm256_extracti128_si256(pixels, 1));
}

/// At least 8 pixels; the last 8 may overlap those before them.
template <typename Layout>
void convert_width(const Layout& samples, int width, uint8_t* bgr) {
  for (int x = 0; x < width - 8; x += 8) convert(samples(x), bgr + 3 * x);
  convert(samples(width - 8), bgr + 3 * (width - 8));
}

}  // namespace

void yuv_row(const YuvRow& row, int width, uint8_t* bgr) {
  if (width < 8) return scalar::yuv_row(row, width, bgr);
  if (row.uv_step == 1) return convert_width(Planar{row}, width, bgr);
  row.uv_step == 2 ? convert_width(SemiPlanar(row), width, bgr)
                   : convert_width(Packed(row), width, bgr);
}

// 16 pixels a step; each store writes four bytes that the next one writes again.
void drop_alpha_row(const uint8_t* pixels, int width, uint8_t* row) {
  if (width < 16) return scalar::drop_alpha_row(pixels, width, row);
  const __m128i order = _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
  const auto three = [&](int x) {
    const auto* from = reinterpret_cast<const __m128i*>(pixels + 4 * x);
    return _mm_shuffle_epi8(_mm_loadu_si128(from), order);
  };
  const auto store = [&](int x, __m128i bytes) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(row + 3 * x), bytes);
  };
  for (int x = 0;; x += 16) {
    // The last 16 pixels may overlap those before them; nothing is written past the end.
    if (x > width - 16) x = width - 16;
    store(x, three(x));
    store(x + 4, three(x + 4));
    store(x + 8, three(x + 8));
    const __m128i last = three(x + 12);
    _mm_storel_epi64(reinterpret_cast<__m128i*>(row + 3 * x + 36), last);
    const int tail = _mm_extract_epi32(last, 2);
    __builtin_memcpy(row + 3 * x + 44, &tail, 4);
    if (x == width - 16) return;
  }
}

}  // namespace rostro::avx2
