#include "kernels/neon/neon.hpp"

namespace rostro {

void fill_neon(KernelTable& table) {
  table.yuv_row = neon::yuv_row;
  table.blend_rows = neon::blend_rows;
  table.sum_rows = neon::sum_rows;
  table.resample_row = neon::resample_row;
  table.warp_row = neon::warp_row;
  table.normalize_row = neon::normalize_row;
  table.select_scores = neon::select_scores;
  table.select_products = neon::select_products;
  table.iou_row = neon::iou_row;
  table.suppress_row = neon::suppress_row;
  table.quantize_row = neon::quantize_row;
  table.dot_rows = neon::dot_rows;
  table.dot_packed = neon::dot_packed;
  table.select_above = neon::select_above;
}

}  // namespace rostro
