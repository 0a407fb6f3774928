#include "rostro/landmarker.hpp"

#include <algorithm>
#include <cmath>

#include "landmarks/codecs.hpp"
#include "rostro/error.hpp"
#include "rostro/match.hpp"
#include "rostro/schemes.hpp"
#include "support/finite.hpp"
#include "support/message.hpp"

namespace rostro {

namespace {

std::size_t numbers_of(const OutputView& output) {
  return output.planes * output.rows * output.columns;
}

float sigmoid(float logit) { return 1 / (1 + std::exp(-logit)); }

bool is_coordinates(const LandmarkerSettings& settings) {
  return settings.codec == PointCodec::coordinates;
}

bool is_morphable(const LandmarkerSettings& settings) {
  return settings.codec == PointCodec::morphable;
}

/// A face that stands so in a crop as it stands in the image.
Matrix3 turned(const Affine& crop_to_image, const Matrix3& rotation) {
  const auto x = static_cast<double>(crop_to_image.m[0]),
             y = static_cast<double>(crop_to_image.m[3]);
  const double length = std::hypot(x, y), c = x / length, s = y / length;
  return multiply({c, -s, 0, s, c, 0, 0, 0, 1}, rotation);
}

/// Maps of a face, of networks that give such.
std::size_t maps_of(const LandmarkerSettings& settings, std::size_t points) {
  if (settings.codec == PointCodec::descriptors) return settings.descriptors.size() / points;
  return settings.codec == PointCodec::offsets ? 3 * points : points;
}

}  // namespace

void decode_coordinates(const PointsOfFace& face, const float* numbers) {
  const LandmarkerSettings& settings = face.settings;
  const Size size = settings.crop.size;
  const float across = static_cast<float>(size.width) / (settings.high - settings.low);
  const float along = static_cast<float>(size.height) / (settings.high - settings.low);
  for (std::size_t i = 0; i < face.count; ++i, numbers += settings.sides) {
    float* out = face.out + i * face.sides;
    out[0] = (numbers[0] - settings.low) * across - 0.5f;
    out[1] = (numbers[1] - settings.low) * along - 0.5f;
    if (settings.sides == 3) out[2] = numbers[2] * across * settings.depth_scale;
  }
}

Landmarker::Landmarker(LandmarkerSettings settings)
    : settings_(std::move(settings)), points_(find_scheme(settings_.scheme).count) {
  check_crop_rule(settings_.crop);
  if (settings_.sides != 2 && settings_.sides != 3) {
    throw wrong("dims", settings_.sides, "2 or 3 numbers a point are wanted");
  }
  if (settings_.sides == 3 && (!is_coordinates(settings_) || settings_.depth)) {
    throw wrong("dims", settings_.sides, "2 are wanted of maps, and beside an output of depths");
  }
  if (!std::isfinite(settings_.low) || !(settings_.high > settings_.low) ||
      !std::isfinite(settings_.high)) {
    throw wrong("range", text(settings_.low) + " to " + text(settings_.high),
                "a smaller number, then a larger one, is wanted");
  }
  if (settings_.blur < 1 || settings_.blur > 99 || settings_.blur % 2 == 0) {
    throw wrong("blur", settings_.blur, "an odd number from 1 to 99 is wanted");
  }
  for (const float number : {settings_.beta, settings_.offset_factor}) {
    if (!(number > 0) || !std::isfinite(number)) {
      throw wrong("beta, factor", number, "a number above 0 is wanted");
    }
  }
  if (is_morphable(settings_)) {
    check_morphable(settings_.morphable);
    if (settings_.morphable.points() != 0 && settings_.morphable.points() != points_) {
      throw wrong("basis", text(settings_.morphable.points()) + " points",
                  text(points_) + " are wanted by the scheme");
    }
    points_ = settings_.morphable.points();
  }
  const std::vector<float>& described = settings_.descriptors;
  if (!described.empty() &&
      (settings_.codec != PointCodec::descriptors || described.size() % points_ != 0 ||
       described.size() / points_ > kMaxDim || !all_finite(described.data(), described.size()))) {
    throw wrong("descriptors", text(described.size()) + " numbers",
                "finite ones, as many for each of the " + text(points_) +
                    " points of the scheme as there are maps, are wanted");
  }
  if (!std::isfinite(settings_.depth_scale)) {
    throw wrong("depth_scale", settings_.depth_scale, "a finite number is wanted");
  }
}

std::size_t Landmarker::sides() const {
  return settings_.depth || is_morphable(settings_) ? 3 : settings_.sides;
}

std::vector<Affine> Landmarker::prepare(const ImageView& image, const Faces& faces,
                                        std::size_t begin, std::size_t count, float* tensor) const {
  return crop_faces(image, faces, begin, count, settings_.crop, tensor);
}

void Landmarker::prepare(const ImageView& image, const Faces& faces, std::size_t begin,
                         std::size_t count, float* tensor, std::vector<Affine>& transforms) const {
  crop_faces(image, faces, begin, count, settings_.crop, tensor, transforms);
}

void Landmarker::check(const LandmarkOutputs& outputs, std::size_t count) const {
  const auto refuse = [&](const OutputView& output, const std::string& wanted) {
    throw ModelMismatch(settings_.name + ": gave " + text(numbers_of(output)) + " numbers for " +
                        text(count) + " faces; " + wanted + " a face are wanted by its card");
  };
  const OutputView& points = outputs.points;
  if (is_coordinates(settings_) || is_morphable(settings_)) {
    const std::size_t wanted =
        is_morphable(settings_) ? settings_.morphable.mean.size() : points_ * settings_.sides;
    if (numbers_of(points) != count * wanted) refuse(points, text(wanted));
  } else {
    if (settings_.codec == PointCodec::descriptors && settings_.descriptors.empty()) {
      throw wrong("descriptors", "none", "those of the points to be found are wanted");
    }
    const std::size_t maps = maps_of(settings_, points_);
    if (points.planes != count * maps || points.rows < 2 || points.columns < 2) {
      refuse(points, text(maps) + " maps of 2x2 or more");
    }
  }
  if (settings_.depth && numbers_of(outputs.depth) != count * points_) {
    refuse(outputs.depth, text(points_) + " depths");
  }
  if (settings_.presence && numbers_of(outputs.presence) != count) {
    refuse(outputs.presence, "one");
  }
}

void Landmarker::finish_morphable(const float* numbers, const Affine& transform, float* points,
                                  float* pose) const {
  const std::vector<double> parameters = morphable_parameters(settings_.morphable, numbers);
  morphable_points(settings_.morphable, parameters, settings_.crop.size, points);
  const Angles angles = angles_of_rotation(turned(transform, morphable_rotation(parameters)));
  std::transform(angles.begin(), angles.end(), pose,
                 [](double angle) { return static_cast<float>(angle); });
}

void Landmarker::finish(const LandmarkOutputs& outputs, const std::vector<Affine>& transforms,
                        float* points, float* presence, float* poses) const {
  const std::size_t count = transforms.size(), sides = this->sides();
  check(outputs, count);
  const OutputView& given = outputs.points;
  for (std::size_t i = 0; i < count; ++i) {
    const PointsOfFace face{settings_, points_, sides, points + i * points_ * sides};
    const float* numbers = given.data + i * (numbers_of(given) / count);
    presence[i] = 1;
    if (is_morphable(settings_)) {
      finish_morphable(numbers, transforms[i], face.out, poses + 3 * i);
    } else if (is_coordinates(settings_)) {
      decode_coordinates(face, numbers);
    } else if (settings_.codec == PointCodec::offsets) {
      presence[i] =
          std::clamp(decode_offset_maps(face, numbers, given.rows, given.columns), 0.0f, 1.0f);
    } else if (settings_.codec == PointCodec::descriptors) {
      decode_descriptors(face, numbers, given.rows, given.columns);
    } else {
      decode_heat_maps(face, numbers, given.rows, given.columns);
    }
    for (std::size_t p = 0; settings_.depth && p < points_; ++p) {
      face.out[3 * p + 2] = outputs.depth.data[i * points_ + p] * settings_.depth_scale;
    }
    if (settings_.presence) presence[i] = sigmoid(outputs.presence.data[i]);
    map_points(transforms[i], points_, sides, face.out);
    if (!all_finite(face.out, points_ * sides) || !std::isfinite(presence[i])) {
      throw NetworkError(settings_.name +
                         ": points that are not finite; the weights are damaged, or too large for "
                         "the precision that they are computed in");
    }
  }
}

}  // namespace rostro
