#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "rostro/faces.hpp"
#include "rostro/image_view.hpp"
#include "rostro/tensor_format.hpp"
#include "rostro/types.hpp"

namespace rostro {

/// What of a face the region of a crop is made around.
enum class CropAround {
  box,        ///< its box
  landmarks,  ///< the box around its five landmarks
  points,     ///< the box around its points
  left_eye,   ///< a square as wide as its image-left eye, from corner to corner
  right_eye,  ///< of its image-right eye
};

/// How the sides of the region follow from the sides of what it is made around.
enum class CropShape {
  longer,   ///< a square of the longer side
  width,    ///< a square of the width
  mean,     ///< a square of the mean of both
  enclose,  ///< the smallest one of the crop's own aspect that holds it: the aspect is kept
  stretch,  ///< as it is, stretched to the crop
};

/// Which region of the image a network takes of a face, and as what tensor. In this order the box
/// gets the sides that `shape` says, is moved by `shift`, scaled about its centre and, where
/// `upright`, turned about its centre as the line through the eyes is turned.
///
/// Edges go to edges: a box spans the pixels from x1 up to x2, as an array is sliced. What lies
/// outside the image is black and blends into its border, as in OpenCV's BORDER_CONSTANT. Bilinear,
/// without smoothing where it shrinks.
///
/// The corners of eyes are among the points of most schemes; where a table has none of these, eyes
/// are at the five landmarks, and 0.4 of their distance wide. A crop of an eye is turned `upright`
/// by the line through the middles of both.
struct CropRule {
  Size size;  ///< of the crop in pixels
  CropAround around = CropAround::box;
  CropShape shape = CropShape::longer;
  float scale = 1;       ///< of the region's sides
  bool upright = false;  ///< whether the eyes become level in the crop
  float shift_x = 0;     ///< to the right of the crop, in widths of the box
  float shift_y = 0;     ///< down in the crop, in heights of the box
  /// Whether a region that reaches beyond the image is moved into it, and one that is larger shrunk
  /// about its centre before, sides alike, until it fits. Else what lies outside is black.
  bool inside = false;
  TensorFormat input = {};
  /// Where it is not empty, the five landmarks are aligned to the crop template of this name (see
  /// templates.hpp), and nothing else but `inside` counts.
  std::string aligned_to = {};
};

/// Throws InvalidArgument for a size beyond 1 to 4096, a scale that is not above 0 and at most 100,
/// a shift beyond -10 to 10, an unknown crop template, and a format that normalises nothing.
void check_crop_rule(const CropRule& rule);

/// The transforms from pixels of the crops to pixels of the image, for the `count` faces from
/// `begin` on, as if there were no end of the image. Throws InvalidArgument, which names the face,
/// where the table lacks what the rule asks for or a box is empty or not finite.
std::vector<Affine> crop_transforms(const CropRule& rule, const Faces& faces, std::size_t begin,
                                    std::size_t count);

/// The same into `transforms`, whose memory is used again.
void crop_transforms(const CropRule& rule, const Faces& faces, std::size_t begin, std::size_t count,
                     std::vector<Affine>& transforms);

/// Moves, and where needed shrinks, the regions of such transforms so that they lie in the image.
void keep_inside(const CropRule& rule, Size image, std::vector<Affine>& transforms);

/// The transform back: from pixels of the image to those of the crop. `transform` must have an
/// inverse, as those of `crop_transforms` have.
Affine inverse(const Affine& transform);

/// Writes the crops that these transforms, from the crop to the image, say: count x 3 x height x
/// width float32, (pixel - mean) / std.
void crop_f32(const ImageView& image, const std::vector<Affine>& transforms, const CropRule& rule,
              float* tensor);

/// All of it, as the tasks with a rule have it for their `prepare`: writes the crops of the `count`
/// faces from `begin` on, count x 3 x height x width, and returns the transforms from them to the
/// image. Throws as `crop_transforms`.
std::vector<Affine> crop_faces(const ImageView& image, const Faces& faces, std::size_t begin,
                               std::size_t count, const CropRule& rule, float* tensor);
/// The same into `transforms`, whose memory is used again.
void crop_faces(const ImageView& image, const Faces& faces, std::size_t begin, std::size_t count,
                const CropRule& rule, float* tensor, std::vector<Affine>& transforms);

}  // namespace rostro
