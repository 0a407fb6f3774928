#include <immintrin.h>

#include "kernels/levels.hpp"

namespace rostro::avx512vnni {

namespace {

// 16 pixels a step, in 32 bits: five vpmulld (one operation on Zen, two on Intel) of about 40
// operations. Each lane has four pixels.

/// The samples of 16 pixels.
struct Samples {
  __m512i y, u, v;
};

/// The order of the bytes of a lane, some bytes further on, in all lanes.
__m512i in_lanes(__m128i order, int64_t bytes) {
  return _mm512_broadcast_i32x4(_mm_add_epi32(order, _mm_set1_epi32(static_cast<int>(bytes))));
}

__m512i luma_of(const uint8_t* y) {
  return _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(y)));
}

/// I420.
struct Planar {
  const YuvRow& row;

  Samples operator()(int x) const {
    return {luma_of(row.y + x), chroma(row.u + x / 2), chroma(row.v + x / 2)};
  }

  static __m512i chroma(const uint8_t* samples) {
    const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(samples));
    return _mm512_cvtepu8_epi32(_mm_unpacklo_epi8(bytes, bytes));
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
    const __m512i bytes =
        _mm512_broadcast_i32x4(_mm_loadu_si128(reinterpret_cast<const __m128i*>(chroma + x)));
    return {luma_of(y + x), _mm512_shuffle_epi8(bytes, u_order),
            _mm512_shuffle_epi8(bytes, v_order)};
  }

  static __m512i pairs() {
    return _mm512_setr_epi32(0x80808000, 0x80808000, 0x80808002, 0x80808002, 0x80808004, 0x80808004,
                             0x80808006, 0x80808006, 0x80808008, 0x80808008, 0x8080800A, 0x8080800A,
                             0x8080800C, 0x8080800C, 0x8080800E, 0x8080800E);
  }

  static __m512i shifted(__m512i order, int64_t bytes) {
    return _mm512_add_epi32(order, _mm512_set1_epi32(static_cast<int>(bytes)));
  }

  const uint8_t *y, *chroma;
  __m512i u_order, v_order;
};

/// YUYV, UYVY.
struct Packed {
  explicit Packed(const YuvRow& row)
      : bytes(row.y < row.u ? row.y : row.u),
        y_order(in_lanes(_mm_setr_epi32(0x80808000, 0x80808002, 0x80808004, 0x80808006),
                         row.y - bytes)),
        u_order(in_lanes(quads(), row.u - bytes)),
        v_order(in_lanes(quads(), row.v - bytes)) {}

  Samples operator()(int x) const {
    const __m256i pixels = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes + 2 * x));
    const __m512i lanes = _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 0, 1, 1, 2, 2, 3, 3),
                                                   _mm512_castsi256_si512(pixels));
    return {_mm512_shuffle_epi8(lanes, y_order), _mm512_shuffle_epi8(lanes, u_order),
            _mm512_shuffle_epi8(lanes, v_order)};
  }

  static __m128i quads() { return _mm_setr_epi32(0x80808000, 0x80808000, 0x80808004, 0x80808004); }

  const uint8_t* bytes;
  __m512i y_order, u_order, v_order;
};

__m512i times(__m512i value, int factor) {
  return _mm512_mullo_epi32(value, _mm512_set1_epi32(factor));
}

/// Rounds a channel that is in 1/2^20.
__m512i to_pixel(__m512i value) {
  return _mm512_srai_epi32(_mm512_add_epi32(value, _mm512_set1_epi32(1 << 19)), 20);
}

void convert(const Samples& samples, uint8_t* bgr) {
  const __m512i luma = _mm512_sub_epi32(samples.y, _mm512_set1_epi32(16));
  const __m512i y = times(_mm512_max_epi32(luma, _mm512_setzero_si512()), 1220542);
  const __m512i u = _mm512_sub_epi32(samples.u, _mm512_set1_epi32(128));
  const __m512i v = _mm512_sub_epi32(samples.v, _mm512_set1_epi32(128));
  const __m512i blue = to_pixel(_mm512_add_epi32(y, times(u, 2116026)));
  const __m512i green =
      to_pixel(_mm512_add_epi32(y, _mm512_add_epi32(times(u, -409993), times(v, -852492))));
  const __m512i red = to_pixel(_mm512_add_epi32(y, times(v, 1673527)));
  // The saturation of the two packs is the clamp to 0..255.
  const __m512i bytes =
      _mm512_packus_epi16(_mm512_packs_epi32(blue, green), _mm512_packs_epi32(red, red));
  const __m128i order = _mm_setr_epi8(0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11, -1, -1, -1, -1);
  const __m512i lanes = _mm512_shuffle_epi8(bytes, _mm512_broadcast_i32x4(order));
  const __m512i pixels = _mm512_permutexvar_epi32(
      _mm512_setr_epi32(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 3, 7, 11, 15), lanes);
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(bgr), _mm512_castsi512_si256(pixels));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(bgr + 32), _mm512_extracti32x4_epi32(pixels, 2));
}

/// At least 16 pixels; the last 16 may overlap those before them.
template <typename Layout>
void convert_width(const Layout& samples, int width, uint8_t* bgr) {
  for (int x = 0; x < width - 16; x += 16) convert(samples(x), bgr + 3 * x);
  convert(samples(width - 16), bgr + 3 * (width - 16));
}

}  // namespace

void yuv_row(const YuvRow& row, int width, uint8_t* bgr) {
  if (width < 16) return scalar::yuv_row(row, width, bgr);
  if (row.uv_step == 1) return convert_width(Planar{row}, width, bgr);
  row.uv_step == 2 ? convert_width(SemiPlanar(row), width, bgr)
                   : convert_width(Packed(row), width, bgr);
}

}  // namespace rostro::avx512vnni
