#pragma once

#include <vector>

#include "rostro/types.hpp"

namespace rostro {

/// Which size of input a detector is given for an image.
struct InputSizes {
  Size only = {};                ///< the one size that the network takes; 0x0: it takes any
  std::vector<Size> sizes = {};  ///< the one of the nearest aspect is taken; none: as follows
  float scale = 0;    ///< above 0: the image's own size times this; 0: the image's own size
  int longest = 640;  ///< shrunk so that its longer side is at most this; 0: never shrunk
  int step = 32;      ///< sides are rounded up to multiples of this

  /// Throws InvalidArgument, in the words of det_size and min_face, for sizes that are out of range
  /// or that the network does not take.
  void check() const;

  /// Whether an image smaller than its input grows to fit it: not where it has its own size.
  bool upscale() const { return only.width > 0 || !sizes.empty() || scale > 0; }

  /// The input for an image of `image` pixels. Throws InvalidArgument for an input that has more
  /// than 16384 pixels a side.
  Size operator()(Size image) const;
};

}  // namespace rostro
