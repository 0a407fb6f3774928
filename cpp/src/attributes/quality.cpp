#include "rostro/quality.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "attributes/face_points.hpp"
#include "attributes/measures.hpp"
#include "attributes/visible_parts.hpp"
#include "image/warp.hpp"
#include "rostro/attributes.hpp"
#include "rostro/mean_faces.hpp"
#include "rostro/pose_fit.hpp"
#include "simd/dispatch.hpp"
#include "support/finite.hpp"
#include "support/message.hpp"

namespace rostro {

namespace {

constexpr std::size_t kBlendshapes = 52;

/// A column of so many numbers a face; null where the table has none such.
const float* numbers_of(const Faces& faces, std::string_view name, std::size_t width) {
  const float* found = nullptr;
  faces.each([&](const Faces::Entry& entry) {
    const auto* numbers = std::get_if<std::vector<float>>(&entry.numbers);
    if (entry.column.name == name && entry.width() == width && numbers != nullptr) {
      found = numbers->data();
    }
  });
  return found;
}

const std::array<Column, kQualityMeasures>& component_columns() {
  static const std::array<Column, kQualityMeasures> kColumns = [] {
    std::array<Column, kQualityMeasures> columns;
    for (std::size_t k = 0; k < kQualityMeasures; ++k) {
      const std::string name = "quality." + std::string(quality_rules()[k].name);
      columns[k] = Column{"attributes." + name, name};
    }
    return columns;
  }();
  return kColumns;
}

/// What a measurement needs of memory.
struct Workspace {
  std::vector<QualityNumbers> measured;
  std::vector<float> finite, fitted;
  std::vector<Pose> poses;
  std::vector<Affine> transforms, known;
  std::vector<std::size_t> place;
  std::vector<std::uint8_t> pixels;
};

/// What the table says of its faces.
class Table {
 public:
  Table(const Faces& faces, Size image, Workspace& work)
      : points_(faces),
        scores_(faces.get(columns::scores)),
        poses_(faces.get(columns::poses)),
        blendshapes_(numbers_of(faces, "attributes.blendshapes", kBlendshapes)),
        presence_(numbers_of(faces, "attributes.presence", 1)),
        certainty_(numbers_of(faces, "attributes.certainty", 1)),
        visible_(numbers_of(faces, columns::visible.name, kVisibleParts)) {
    const float* landmarks = faces.get(columns::landmarks);
    if (poses_ == nullptr && landmarks != nullptr) fit(landmarks, faces.size(), image, work);
  }

  TableFace face(std::size_t i) const {
    TableFace face{points_.face(i)};
    if (blendshapes_ != nullptr) face.blendshapes = blendshapes_ + i * kBlendshapes;
    if (poses_ != nullptr) face.pose = poses_ + 3 * i;
    if (visible_ != nullptr) face.visible = visible_ + i * kVisibleParts;
    return face;
  }

  /// The least of what the table says of there being a face.
  float certainty(std::size_t i) const {
    float least = NAN;
    for (const float* column : {scores_, presence_, certainty_}) {
      if (column != nullptr) least = std::fmin(least, column[i]);
    }
    return least;
  }

 private:
  /// The poses that the five landmarks show; NaN of those that show none.
  void fit(const float* landmarks, std::size_t count, Size image, Workspace& work) {
    static const std::vector<Vector3> kFace = mean_face("five");
    work.finite.assign(landmarks, landmarks + count * 2 * kLandmarks);
    for (std::size_t i = 0; i < count; ++i) {
      float* own = work.finite.data() + i * 2 * kLandmarks;
      if (!all_finite(own, 2 * kLandmarks)) std::fill(own, own + 2 * kLandmarks, 0.0f);
    }
    work.poses.assign(count, {});
    fit_poses({work.finite.data(), nullptr, count, kLandmarks, 2}, kFace, Camera::assumed(image),
              work.poses.data());
    work.fitted.assign(3 * count, NAN);
    for (std::size_t i = 0; i < count; ++i) {
      if (!(work.poses[i].error < kNoPose)) continue;
      const Angles angles = angles_of_rotation(work.poses[i].rotation);
      for (std::size_t k = 0; k < 3; ++k) work.fitted[3 * i + k] = static_cast<float>(angles[k]);
    }
    poses_ = work.fitted.data();
  }

  TableOfPoints points_;
  const float* scores_;
  const float* poses_;
  const float* blendshapes_;
  const float* presence_;
  const float* certainty_;
  const float* visible_;
};

/// The crop of each face of which the table says where it is.
class Crops {
 public:
  Crops(const ImageView& image, const Table& table, std::size_t count, Workspace& work)
      : transforms_(work.transforms), place_(work.place), pixels_(work.pixels) {
    transforms_.clear();
    place_.clear();
    work.known.clear();
    for (std::size_t i = 0; i < count; ++i) {
      const TableFace face = table.face(i);
      transforms_.push_back(face_crop_transform(face.box, face.landmarks));
      place_.push_back(work.known.size());
      if (there(i)) work.known.push_back(of_part(transforms_.back()));
    }
    pixels_.resize(work.known.size() * kBytes);
    warp_u8(image, work.known, {kCropColumns, kCropRows}, ChannelOrder::bgr, pixels_.data());
  }

  bool there(std::size_t i) const { return all_finite(transforms_[i].m, 6); }
  const std::uint8_t* pixels(std::size_t i) const { return pixels_.data() + place_[i] * kBytes; }
  const Affine& transform(std::size_t i) const { return transforms_[i]; }

 private:
  static constexpr std::size_t kBytes = std::size_t{3} * kCropColumns * kCropRows;

  std::vector<Affine>& transforms_;
  std::vector<std::size_t>& place_;
  std::vector<std::uint8_t>& pixels_;
};

/// What is measured of each face, in memory that the thread keeps.
const std::vector<QualityNumbers>& measure_all(const ImageView& image, const Faces& faces) {
  check_image(image);
  const std::size_t count = faces.size();
  if (count > 0 && !faces.has(columns::boxes)) {
    throw wrong("faces", std::string_view("a table without boxes"), "boxes are wanted");
  }
  thread_local Workspace work;
  work.measured.resize(count);
  if (count == 0) return work.measured;
  const KernelTable& kernel = kernels();
  const Table table(faces, image.size, work);
  const Crops crops(image, table, count, work);
  for (std::size_t i = 0; i < count; ++i) {
    QualityNumbers& measured = work.measured[i];
    measured.fill(NAN);
    const TableFace face = table.face(i);
    measure_geometry(face, image.size, measured);
    measure_expression(face, measured);
    measure_visible(face, measured);
    at(measured, QualityMeasure::certainty) = table.certainty(i);
    if (!crops.there(i)) continue;
    const FaceCrop crop(crops.pixels(i), crops.transform(i), image.size, kernel);
    measure_luminance(crop, measured);
    measure_natural_color(crop, measured);
    measure_sharpness(crop, kernel, measured);
    if (all_finite(face.box, 4)) measure_compression(image, face.box, kernel, measured);
  }
  return work.measured;
}

}  // namespace

Quality::Quality(const QualityNumbers& limits, std::optional<QualityRange> norms)
    : limits_(limits), norms_(norms) {
  if (norms_) check_quality_range(*norms_);
  for (std::size_t i = 0; i < kQualityMeasures; ++i) {
    if (std::isinf(limits[i])) {
      throw wrong("thresholds", limits[i],
                  "a number, or none, is wanted for " + quoted(quality_rules()[i].name));
    }
  }
}

Faces Quality::measure(const ImageView& image, const Faces& faces) const {
  Faces added;
  measure(image, faces, added);
  return added;
}

void Quality::measure(const ImageView& image, const Faces& faces, Faces& added) const {
  added.reset(faces.size());
  write(measure_all(image, faces), norms_ ? faces.get(columns::norms) : nullptr, added);
}

void Quality::fill(const ImageView& image, Faces& faces) const {
  write(measure_all(image, faces), norms_ ? faces.get(columns::norms) : nullptr, faces);
}

void Quality::write(const std::vector<QualityNumbers>& measured, const float* norms,
                    Faces& faces) const {
  static const std::vector<int> kSides = {static_cast<int>(kQualityMeasures)};
  float* quality = faces.add<float>(columns::quality);
  std::uint32_t* reasons = faces.add<std::uint32_t>(columns::reasons);
  float* values = faces.add<float>(columns::measured, kSides);
  std::array<float*, kQualityMeasures> components;
  for (std::size_t k = 0; k < kQualityMeasures; ++k) {
    components[k] = faces.add<float>(component_columns()[k]);
  }
  for (std::size_t i = 0; i < measured.size(); ++i) {
    float norm = NAN;
    if (norms_ && norms != nullptr) scale_quality(norms + i, 1, *norms_, &norm);
    quality[i] = unified_quality(measured[i], norm);
    reasons[i] = quality_reasons(measured[i], limits_);
    const QualityNumbers mapped = quality_components(measured[i]);
    for (std::size_t k = 0; k < kQualityMeasures; ++k) {
      values[kQualityMeasures * i + k] = measured[i][k];
      components[k][i] = mapped[k];
    }
  }
}

}  // namespace rostro
