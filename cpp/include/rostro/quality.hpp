#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rostro/faces.hpp"
#include "rostro/image_view.hpp"
#include "rostro/quality_range.hpp"

namespace rostro {

namespace columns {

/// The measured values of a face, by QualityMeasure; NaN where one cannot be told.
// NOLINTNEXTLINE(bugprone-throwing-static-initialization)
inline const Column measured{"attributes.quality.measured",
                             "quality.measured",
                             ColumnKind::value,
                             ColumnType::float32,
                             {kAnySide}};

}  // namespace columns

/// What is wrong with a face: bits of the column `reasons`.
namespace reason {
inline constexpr std::uint32_t blurred = 1u << 0;
inline constexpr std::uint32_t dark = 1u << 1;
inline constexpr std::uint32_t bright = 1u << 2;
inline constexpr std::uint32_t flat = 1u << 3;
inline constexpr std::uint32_t uneven = 1u << 4;
inline constexpr std::uint32_t colored = 1u << 5;
inline constexpr std::uint32_t compressed = 1u << 6;
inline constexpr std::uint32_t small = 1u << 7;
inline constexpr std::uint32_t cut = 1u << 8;
inline constexpr std::uint32_t turned = 1u << 9;
inline constexpr std::uint32_t tilted = 1u << 10;
inline constexpr std::uint32_t eyes_closed = 1u << 11;
inline constexpr std::uint32_t mouth_open = 1u << 12;
inline constexpr std::uint32_t covered = 1u << 13;
inline constexpr std::uint32_t expression = 1u << 14;
inline constexpr std::uint32_t uncertain = 1u << 15;
}  // namespace reason

/// What is measured of a face; the names are those of ISO/IEC 29794-5:2025, but the last, which is
/// the detector's score or the certainty of the points.
enum class QualityMeasure : std::size_t {
  sharpness,
  compression,
  under_exposure,
  over_exposure,
  dynamic_range,
  illumination,
  natural_color,
  inter_eye_distance,
  head_size,
  crop_left,
  crop_right,
  crop_above,
  crop_below,
  yaw,
  pitch,
  roll,
  eyes_open,
  mouth_closed,
  eyes_visible,
  mouth_visible,
  face_visible,
  expression,
  certainty,
};
inline constexpr std::size_t kQualityMeasures = 23;

/// Numbers of one face, by QualityMeasure; NaN where the table and the image do not tell.
using QualityNumbers = std::array<float, kQualityMeasures>;

/// A measure: its name in attributes and settings, and what is wrong with a face whose measured
/// value is beyond a limit.
struct QualityRule {
  std::string_view name;
  std::string_view component;  ///< of ISO/IEC 29794-5:2025, or "" where it has none
  std::string_view unit;       ///< of the measured value and its limits
  bool least;                  ///< whether the limit is the least value that is good, or the most
  std::uint32_t reason;
  float enroll;     ///< the limit for photos of which templates are made; NaN: not judged
  float recognize;  ///< the limit for faces that are to be recognized; NaN: not judged
};

/// The one table of measures and limits, in the order of QualityMeasure. A limit of yaw, pitch and
/// roll is one of their amount.
const std::array<QualityRule, kQualityMeasures>& quality_rules();

/// What a face is needed for.
enum class QualityPurpose { recognize, enroll };

/// The limits of the table for a purpose.
QualityNumbers quality_limits(QualityPurpose purpose);

/// Measures faces without a network. Each measured value becomes a component of 0..100, and all
/// together one quality of 0..1; docs/guide/quality.md has the formulas.
///
/// Pixels are read from a crop of 112 pixels, aligned by the landmarks to the template "arcface",
/// or, where there are none, laid over the box; of the parts of it that lie in the image.
/// Compression is read from the image itself.
///
/// Thread-safe.
class Quality {
 public:
  /// Limits of the measured values, NaN where one is not judged. Throws InvalidArgument for an
  /// infinite one. With `norms`, the range of an embedder's card, the one quality is also of the
  /// table's column norms, where there is one; throws InvalidArgument for a range that is none.
  explicit Quality(const QualityNumbers& limits, std::optional<QualityRange> norms = std::nullopt);

  const QualityNumbers& limits() const { return limits_; }

  /// A table of the columns `quality` and `reasons`, an attribute "quality.NAME" for each
  /// component, and "quality.measured", faces x kQualityMeasures, the values that they are made of.
  /// It looks at the columns boxes, scores, landmarks, points, poses, norms and the attributes
  /// "blendshapes" (52, in MediaPipe's order), "presence", "certainty" and "visible"; boxes are
  /// wanted. A face of which no pixels are in the image, or of which it is not said where it is,
  /// has the quality 0 and is UNCERTAIN. Throws InvalidArgument for an image that cannot be read.
  Faces measure(const ImageView& image, const Faces& faces) const;
  /// The same into another table, whose memory is used again.
  void measure(const ImageView& image, const Faces& faces, Faces& added) const;

  /// The same as columns of the faces themselves: nothing is allocated once the table and the
  /// thread have seen their largest number of faces.
  void fill(const ImageView& image, Faces& faces) const;

 private:
  void write(const std::vector<QualityNumbers>& measured, const float* norms, Faces& faces) const;

  QualityNumbers limits_;
  std::optional<QualityRange> norms_;
};

/// The components of measured values, 0..100 each.
QualityNumbers quality_components(const QualityNumbers& measured);

/// The one quality of measured values, 0..1; 0 where the sharpness is NaN. `norm` is that of the
/// embedding, 0..1 by its card's range; NaN: not known.
float unified_quality(const QualityNumbers& measured, float norm = NAN);

/// The bits of the measured values that are beyond their limits; UNCERTAIN where the sharpness is
/// NaN.
std::uint32_t quality_reasons(const QualityNumbers& measured, const QualityNumbers& limits);

}  // namespace rostro
