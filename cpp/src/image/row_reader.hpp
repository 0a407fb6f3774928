#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/kernels.hpp"
#include "rostro/image_view.hpp"

namespace rostro {

/// Gives the rows of an image as interleaved bytes that the kernels read: in place for BGR, RGB and
/// grey, converted one row at a time for all else. The last `window` different rows
/// asked for stay valid.
class RowReader {
 public:
  void start(const ImageView& image, int window);

  /// Bytes a pixel of the rows: 1 or 3.
  int channels() const { return image_.format == PixelFormat::gray ? 1 : 3; }

  const std::uint8_t* row(const KernelTable& kernels, int y);

  /// Bytes from a row to the one so many rows below it; 0 where rows are converted.
  std::ptrdiff_t distance(int rows) const;

 private:
  ImageView image_;
  bool in_place_ = true;
  std::vector<std::uint8_t> buffer_;  ///< `held_.size()` converted rows
  std::vector<int> held_;             ///< the y of the row in each slot, -1 where there is none
};

}  // namespace rostro
