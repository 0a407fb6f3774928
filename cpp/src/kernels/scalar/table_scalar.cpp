#include "kernels/scalar/scalar.hpp"

namespace rostro {

void fill_scalar(KernelTable& table) {
  table.yuv_row = scalar::yuv_row;
  table.blend_rows = scalar::blend_rows;
  table.sum_rows = scalar::sum_rows;
  table.resample_row = scalar::resample_row;
  table.warp_row = scalar::warp_row;
  table.normalize_row = scalar::normalize_row;
  table.select_scores = scalar::select_scores;
  table.select_products = scalar::select_products;
  table.iou_row = scalar::iou_row;
  table.suppress_row = scalar::suppress_row;
  table.quantize_row = scalar::quantize_row;
  table.dot_rows = scalar::dot_rows;
  table.pack_rows = scalar::pack_rows;
  table.dot_packed = scalar::dot_packed;
  table.select_above = scalar::select_above;
}

}  // namespace rostro
