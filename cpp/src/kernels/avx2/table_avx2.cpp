#include "kernels/avx2/avx2.hpp"

namespace rostro {

void fill_avx2(KernelTable& table) {
  table.yuv_row = avx2::yuv_row;
  table.blend_rows = avx2::blend_rows;
  table.sum_rows = avx2::sum_rows;
  table.resample_row = avx2::resample_row;
  table.warp_row = avx2::warp_row;
  table.normalize_row = avx2::normalize_row;
  table.select_scores = avx2::select_scores;
  table.select_products = avx2::select_products;
  table.iou_row = avx2::iou_row;
  table.suppress_row = avx2::suppress_row;
  table.quantize_row = avx2::quantize_row;
  table.dot_rows = avx2::dot_rows;
  table.pack_rows = avx2::pack_rows;
  table.dot_packed = avx2::dot_packed;
  table.select_above = avx2::select_above;
}

}  // namespace rostro
