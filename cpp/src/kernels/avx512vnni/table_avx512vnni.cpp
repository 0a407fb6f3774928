#include "kernels/avx512vnni/avx512vnni.hpp"

namespace rostro {

void fill_avx512vnni(KernelTable& table) {
  table.yuv_row = avx512vnni::yuv_row;
  table.blend_rows = avx512vnni::blend_rows;
  table.sum_rows = avx512vnni::sum_rows;
  table.resample_row = avx512vnni::resample_row;
  table.warp_row = avx512vnni::warp_row;
  table.normalize_row = avx512vnni::normalize_row;
  table.select_scores = avx512vnni::select_scores;
  table.select_products = avx512vnni::select_products;
  table.iou_row = avx512vnni::iou_row;
  table.suppress_row = avx512vnni::suppress_row;
  table.quantize_row = avx512vnni::quantize_row;
  table.dot_rows = avx512vnni::dot_rows;
  table.pack_rows = avx512vnni::pack_rows;
  table.dot_packed = avx512vnni::dot_packed;
  table.select_above = avx512vnni::select_above;
}

}  // namespace rostro
