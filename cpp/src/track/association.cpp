#include <algorithm>
#include <cmath>
#include <limits>

#include "track/tracks.hpp"

namespace rostro {

namespace {

constexpr double kForbidden = std::numeric_limits<double>::infinity();
constexpr float kAnyScore = std::numeric_limits<float>::infinity();
/// What a place that does not overlap at all costs beside an embedding that is recognized.
constexpr double kPlaceWeight = 0.5;
/// What an embedding that is neither recognized nor contradicted costs at most beside a place.
constexpr double kDoubtWeight = 0.5;

float width(const float* box) { return box[2] - box[0]; }
float height(const float* box) { return box[3] - box[1]; }

float margin(const Track& track, const TrackerSettings& settings) {
  return std::min(track.deviation, settings.max_buffer) * track.size;
}

}  // namespace

float buffered_iou(const float* a, const float* b, float margin) {
  const float more = 2 * margin;
  const float x = std::min(a[2], b[2]) - std::max(a[0], b[0]) + more;
  const float y = std::min(a[3], b[3]) - std::max(a[1], b[1]) + more;
  if (x <= 0 || y <= 0) return 0;
  const float shared = x * y;
  const float all = (width(a) + more) * (height(a) + more) + (width(b) + more) * (height(b) + more);
  return shared / (all - shared);
}

void Association::collect_faces(const std::vector<FrameFace>& faces, float low, float high,
                                bool embedded) {
  columns_.clear();
  for (std::size_t i = 0; i < faces.size(); ++i) {
    const FrameFace& face = faces[i];
    if (face.track >= 0 || face.score < low || face.score >= high) continue;
    if (embedded && face.embedding == nullptr) continue;
    columns_.push_back(static_cast<std::int32_t>(i));
  }
}

void Association::solve(double limit) {
  found_.resize(rows_.size());
  assignment_.solve(costs_.data(), rows_.size(), columns_.size(), limit, found_.data());
}

void Association::pair(std::vector<Track>& tracks, std::vector<FrameFace>& faces) const {
  for (std::size_t row = 0; row < rows_.size(); ++row) {
    if (found_[row] < 0) continue;
    const std::int32_t face = columns_[static_cast<std::size_t>(found_[row])];
    tracks[static_cast<std::size_t>(rows_[row])].face = face;
    faces[static_cast<std::size_t>(face)].track = rows_[row];
  }
}

void Association::recognize(std::vector<Track>& tracks, std::vector<FrameFace>& faces,
                            const Appearances& appearances, const TrackerSettings& settings) {
  collect_faces(faces, settings.high_score, kAnyScore, true);
  rows_.clear();
  if (columns_.empty()) return;
  for (std::size_t i = 0; i < tracks.size(); ++i) {
    if (tracks[i].appearance >= 0) rows_.push_back(static_cast<std::int32_t>(i));
  }
  costs_.resize(rows_.size() * columns_.size());
  auto cost = costs_.begin();
  for (const std::int32_t row : rows_) {
    const Track& track = tracks[static_cast<std::size_t>(row)];
    const float buffer = margin(track, settings);
    for (const std::int32_t column : columns_) {
      FrameFace& face = faces[static_cast<std::size_t>(column)];
      const float similarity = appearances.similarity(track.appearance, face.embedding);
      *cost++ = similarity < settings.recognize
                    ? kForbidden
                    : 1 - static_cast<double>(similarity) +
                          kPlaceWeight *
                              static_cast<double>(1 - buffered_iou(track.box, face.box, buffer));
      face.recognized |= similarity >= settings.recognize;
    }
  }
  solve(1 - static_cast<double>(settings.recognize) + kPlaceWeight + 1e-6);
  pair(tracks, faces);
}

const std::vector<std::int32_t>& Association::recall(const std::vector<Remembered>& remembered,
                                                     const std::vector<FrameFace>& faces,
                                                     const Appearances& appearances,
                                                     const TrackerSettings& settings) {
  persons_.assign(faces.size(), -1);
  collect_faces(faces, settings.high_score, kAnyScore, true);
  columns_.erase(std::remove_if(columns_.begin(), columns_.end(),
                                [&](std::int32_t face) {
                                  return faces[static_cast<std::size_t>(face)].recognized;
                                }),
                 columns_.end());
  if (columns_.empty() || remembered.empty()) return persons_;
  rows_.clear();
  costs_.clear();
  for (std::size_t i = 0; i < remembered.size(); ++i) {
    const std::size_t begin = costs_.size();
    bool any = false;
    for (const std::int32_t column : columns_) {
      const float similarity = appearances.similarity(
          remembered[i].appearance, faces[static_cast<std::size_t>(column)].embedding);
      const bool like = similarity >= settings.recognize;
      costs_.push_back(like ? 1 - static_cast<double>(similarity) : kForbidden);
      any |= like;
    }
    if (any) {
      rows_.push_back(static_cast<std::int32_t>(i));
    } else {
      costs_.resize(begin);
    }
  }
  solve(1 - static_cast<double>(settings.recognize) + 1e-6);
  for (std::size_t row = 0; row < rows_.size(); ++row) {
    if (found_[row] < 0) continue;
    persons_[static_cast<std::size_t>(columns_[static_cast<std::size_t>(found_[row])])] =
        rows_[row];
  }
  return persons_;
}

void Association::match(Stage stage, std::vector<Track>& tracks, std::vector<FrameFace>& faces,
                        const Appearances& appearances, const TrackerSettings& settings) {
  const bool unsure = stage == Stage::unsure;
  if (unsure) {
    collect_faces(faces, settings.low_score, settings.high_score, false);
  } else {
    collect_faces(faces, settings.high_score, kAnyScore, false);
  }
  rows_.clear();
  if (columns_.empty()) return;
  for (std::size_t i = 0; i < tracks.size(); ++i) {
    const Track& track = tracks[i];
    const bool asked = (track.id < 0) == (stage == Stage::unconfirmed);
    if (!asked || track.face >= 0 || track.ended || (unsure && track.lost)) continue;
    rows_.push_back(static_cast<std::int32_t>(i));
  }
  const float least = unsure ? settings.min_iou_low : settings.min_iou;
  costs_.resize(rows_.size() * columns_.size());
  auto cost = costs_.begin();
  for (const std::int32_t row : rows_) {
    const Track& track = tracks[static_cast<std::size_t>(row)];
    const float buffer = unsure ? 0 : margin(track, settings);
    for (const std::int32_t column : columns_) {
      const FrameFace& face = faces[static_cast<std::size_t>(column)];
      const float iou = buffered_iou(track.box, face.box, buffer);
      double price = iou < least ? kForbidden : 1 - static_cast<double>(iou);
      if (iou >= least && face.embedding != nullptr && track.appearance >= 0) {
        const float similarity = appearances.similarity(track.appearance, face.embedding);
        if (similarity < settings.contradict) {
          price = kForbidden;
        } else if (similarity < settings.recognize) {
          price += kDoubtWeight * static_cast<double>(settings.recognize - similarity);
        }
      }
      *cost++ = price;
    }
  }
  solve(3);  // above what any pair costs that is allowed: as many pairs as can be
  pair(tracks, faces);
}

}  // namespace rostro
