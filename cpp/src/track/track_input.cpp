#include "track/track_input.hpp"

#include <cmath>
#include <string>
#include <string_view>

#include "rostro/error.hpp"
#include "support/finite.hpp"
#include "support/message.hpp"
#include "track/appearances.hpp"

namespace rostro {

namespace {

/// No image is larger, and no number of the filters overflows below.
constexpr float kFarthest = 1e6f;
constexpr double kLongest = 1e9;

template <typename Number>
void in_range(std::string_view name, Number value, double low, double high) {
  if (!(static_cast<double>(value) >= low && static_cast<double>(value) <= high)) {
    throw wrong(name, value, "a number from " + text(low) + " to " + text(high) + " is wanted");
  }
}

void ordered(std::string_view name, double value, std::string_view least, double bound) {
  if (value < bound) {
    throw wrong(name, value, "at least " + std::string(least) + ", " + text(bound) + ", is wanted");
  }
}

void check_box(const float* box, std::size_t index) {
  for (int side = 0; side < 4; ++side) {
    if (!(std::abs(box[side]) <= kFarthest)) {
      throw wrong(entry("boxes", index), box[side], "coordinates of up to 1e6 pixels are wanted");
    }
  }
  const float width = box[2] - box[0], height = box[3] - box[1];
  if (!(width >= 1e-3f && height >= 1e-3f)) {
    throw InvalidArgument(entry("boxes", index) + ": got a box of " + text(width) + " x " +
                          text(height) + " pixels; x1 < x2 and y1 < y2 are wanted");
  }
}

void check_embedding(const float* embedding, std::size_t dim, std::size_t index) {
  const float square = dot(embedding, embedding, dim);
  if (!(std::abs(square - 1) <= 0.02f) && is_embedded(embedding, dim)) {
    throw wrong(entry("embeddings", index), "a norm of " + text(std::sqrt(square)),
                "unit norm is wanted, or zeros where there is no embedding");
  }
}

}  // namespace

void check_settings(const TrackerSettings& s) {
  in_range("low_score", s.low_score, 0, 1);
  in_range("high_score", s.high_score, 0, 1);
  in_range("start_score", s.start_score, 0, 1);
  ordered("high_score", static_cast<double>(s.high_score), "low_score",
          static_cast<double>(s.low_score));
  ordered("start_score", static_cast<double>(s.start_score), "high_score",
          static_cast<double>(s.high_score));
  in_range("min_iou", s.min_iou, 0, 1);
  in_range("min_iou_low", s.min_iou_low, 0, 1);
  in_range("max_buffer", s.max_buffer, 0, 10);
  in_range("recognize", s.recognize, -1, 1);
  in_range("contradict", s.contradict, -1, 1);
  ordered("recognize", static_cast<double>(s.recognize), "contradict",
          static_cast<double>(s.contradict));
  in_range("confirm_hits", s.confirm_hits, 1, 1000);
  in_range("confirm_within", s.confirm_within, 0, kLongest);
  in_range("lost_after", s.lost_after, 0, kLongest);
  in_range("max_lost", s.max_lost, 0, kLongest);
  in_range("max_remembered", s.max_remembered, 0, kLongest);
  in_range("most_remembered", s.most_remembered, 0, 1'000'000);
  ordered("max_lost", s.max_lost, "lost_after", s.lost_after);
  in_range("restart_after", s.restart_after, 0, kLongest);
  in_range("position_noise", s.position_noise, 1e-6, 100);
  in_range("aspect_noise", s.aspect_noise, 1e-6, 100);
  in_range("position_diffusion", s.position_diffusion, 0, 1000);
  in_range("speed_diffusion", s.speed_diffusion, 0, 1000);
  in_range("first_speed_noise", s.first_speed_noise, 0, 1000);
  in_range("min_cutoff", s.min_cutoff, 1e-6, 1e6);
  in_range("cutoff_slope", s.cutoff_slope, 0, 1e6);
  in_range("derivative_cutoff", s.derivative_cutoff, 1e-6, 1e6);
}

bool is_embedded(const float* embedding, std::size_t dim) {
  for (std::size_t i = 0; i < dim; ++i) {
    if (embedding[i] != 0) return true;
  }
  return false;
}

void check_input(const TrackInput& faces, std::size_t dim) {
  for (std::size_t i = 0; i < faces.count; ++i) {
    check_box(faces.boxes + 4 * i, i);
    if (!(faces.scores[i] >= 0 && faces.scores[i] <= 1)) {
      throw wrong(entry("scores", i), faces.scores[i], "a score of 0..1 is wanted");
    }
  }
  constexpr auto numbers = static_cast<std::size_t>(2 * kLandmarks);
  for (std::size_t i = 0; faces.landmarks != nullptr && i < faces.count; ++i) {
    const float* points = faces.landmarks + numbers * i;
    for (std::size_t side = 0; side < numbers; ++side) {
      if (!(std::abs(points[side]) <= kFarthest)) {
        throw wrong(entry("landmarks", i), points[side],
                    "coordinates of up to 1e6 pixels are wanted");
      }
    }
  }
  if (faces.embeddings == nullptr) return;
  if (dim != 0 && faces.dim != dim) {
    throw wrong("embeddings", text(faces.dim) + " numbers each",
                text(dim) + ", as before, are wanted");
  }
  for (std::size_t i = 0; i < faces.count; ++i) {
    check_embedding(faces.embeddings + faces.dim * i, faces.dim, i);
  }
}

double checked_scale(const Affine& motion) {
  const float* m = motion.m;
  const double determinant = static_cast<double>(m[0]) * static_cast<double>(m[4]) -
                             static_cast<double>(m[1]) * static_cast<double>(m[3]);
  const double scale = std::sqrt(std::abs(determinant));
  const bool near = std::abs(m[2]) <= kFarthest && std::abs(m[5]) <= kFarthest;
  if (!all_finite(m, 6) || !near || !(scale >= 1e-3 && scale <= 1e3)) {
    throw InvalidArgument("motion: got a transform of scale " + text(scale) +
                          "; a finite one of 1/1000 to 1000, which moves by up to 1e6 pixels, is "
                          "wanted");
  }
  return scale;
}

}  // namespace rostro
