#pragma once

#include "attributes/face_crop.hpp"
#include "attributes/face_points.hpp"
#include "kernels/kernels.hpp"
#include "rostro/image_view.hpp"
#include "rostro/quality.hpp"

// Each writes the measured values of one face that it can tell; the others stay NaN.
namespace rostro {

inline float& at(QualityNumbers& numbers, QualityMeasure measure) {
  return numbers[static_cast<std::size_t>(measure)];
}

/// Fewest pixels of a face in the image that anything is said of.
inline constexpr int kFewestPixels = 256;

/// Under- and over-exposure, dynamic range and illumination uniformity, by linear luminance.
void measure_luminance(const FaceCrop& crop, QualityNumbers& measured);

void measure_natural_color(const FaceCrop& crop, QualityNumbers& measured);

void measure_sharpness(const FaceCrop& crop, const KernelTable& kernel, QualityNumbers& measured);

/// In the middle of the box, of the image's own pixels.
void measure_compression(const ImageView& image, const float* box, const KernelTable& kernel,
                         QualityNumbers& measured);

/// What a table says of one face.
struct TableFace : FacePoints {
  const float* blendshapes = nullptr;  ///< 52
  const float* pose = nullptr;         ///< yaw, pitch, roll
  const float* visible = nullptr;      ///< shares of eyes, mouth and face
};

/// Eye distance, head size, margins and pose; of a box alone the eye distance that such a face has.
void measure_geometry(const TableFace& face, Size image, QualityNumbers& measured);

/// Eyes and mouth by points or blendshapes, and expression by blendshapes.
void measure_expression(const TableFace& face, QualityNumbers& measured);

/// What a mask says of eyes, mouth and face.
void measure_visible(const TableFace& face, QualityNumbers& measured);

}  // namespace rostro
