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

Samples load_nv12(const YuvRow& row, int x) {
  const __m256i u_order = _mm256_setr_epi32(0x80808000, 0x80808000, 0x80808002, 0x80808002,
                                            0x80808004, 0x80808004, 0x80808006, 0x80808006);
  const __m256i v_order = _mm256_add_epi32(u_order, _mm256_set1_epi32(1));
  const __m128i luma = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(row.y + x));
  const __m256i chroma =
      _mm256_broadcastsi128_si256(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(row.u + x)));
  return {_mm256_cvtepu8_epi32(luma), _mm256_shuffle_epi8(chroma, u_order),
          _mm256_shuffle_epi8(chroma, v_order)};
}

Samples load_yuyv(const YuvRow& row, int x) {
  const __m256i y_order = _mm256_setr_epi32(0x80808000, 0x80808002, 0x80808004, 0x80808006,
                                            0x80808008, 0x8080800A, 0x8080800C, 0x8080800E);
  const __m256i u_order = _mm256_setr_epi32(0x80808001, 0x80808001, 0x80808005, 0x80808005,
                                            0x80808009, 0x80808009, 0x8080800D, 0x8080800D);
  const __m256i v_order = _mm256_add_epi32(u_order, _mm256_set1_epi32(2));
  const __m256i bytes =
      _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(row.y + 2 * x)));
  return {_mm256_shuffle_epi8(bytes, y_order), _mm256_shuffle_epi8(bytes, u_order),
          _mm256_shuffle_epi8(bytes, v_order)};
}

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
template <Samples (*kLoad)(const YuvRow&, int)>
void convert_width(const YuvRow& row, int width, uint8_t* bgr) {
  for (int x = 0; x < width - 8; x += 8) convert(kLoad(row, x), bgr + 3 * x);
  convert(kLoad(row, width - 8), bgr + 3 * (width - 8));
}

}  // namespace

void yuv_row(const YuvRow& row, int width, uint8_t* bgr) {
  if (width < 8) return scalar::yuv_row(row, width, bgr);
  row.y_step == 1 ? convert_width<load_nv12>(row, width, bgr)
                  : convert_width<load_yuyv>(row, width, bgr);
}

}  // namespace rostro::avx2
