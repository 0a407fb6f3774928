#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "rostro/image_view.hpp"
#include "rostro/types.hpp"

namespace rostro {

/// Says whether something came into a video outside the faces that are followed: what a frame's
/// coarse luma is now, against what it was when it was kept.
///
/// A cell, of which there are 80 along the longer side, has changed where it is beyond everything
/// in the 3x3 cells around its old place by six standard deviations of the noise, and by 8 of 255
/// at least. So noise, and shifts of less than a cell, change nothing; neither does brighter light.
/// The noise is that of the frame, by the median absolute deviation. Something came where five of
/// 3x3 cells have changed. Where most of the frame changes at once, as at a cut, that counts as
/// noise, and nothing may be told.
///
/// Allocates nothing once it has seen a frame of the size. One thread at a time.
class MotionWatch {
 public:
  /// The next frame. What was seen before is not changed until `accept`. `motion`: of the camera,
  /// from the pixels of the last accepted frame to this one's; null for none. Throws
  /// InvalidArgument for an image that cannot be read, or a motion that cannot be undone.
  void see(const ImageView& image, const Affine* motion);

  /// Whether something came into the frame that was seen last, since `keep`. `boxes`: count x 4, of
  /// the faces that are followed, in its pixels; what is within a width beside or three heights
  /// below one, or was of those that were kept, is not looked at. True for a frame of another size,
  /// and where none was kept.
  bool changed(const float* boxes, std::size_t count);

  /// The frame that was seen last counts.
  void accept();

  /// The same, and later ones are compared with it. `boxes`: of the faces in it.
  void keep(const float* boxes, std::size_t count);

 private:
  struct Grid {
    Size image;
    int cell = 1, columns = 0, rows = 0;
    std::vector<float> luma;
  };

  Grid now_, kept_;
  std::vector<float> kept_boxes_;
  double since_[6] = {1, 0, 0, 0, 1, 0};   ///< from the kept frame to the last accepted one
  double to_now_[6] = {1, 0, 0, 0, 1, 0};  ///< to the one that was seen last
  std::vector<float> off_, sorted_;
  std::vector<std::uint8_t> looked_at_;
  std::vector<std::uint8_t> changed_;

  void mask(const float* boxes, std::size_t count, const double* transform);
};

}  // namespace rostro
