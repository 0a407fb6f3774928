#include "rostro/tracker.hpp"

#include <algorithm>
#include <cmath>

#include "rostro/error.hpp"
#include "support/message.hpp"
#include "track/smoothing.hpp"
#include "track/track_input.hpp"
#include "track/tracks.hpp"

namespace rostro {

namespace {

/// No two frames are nearer; what is shorter would make speeds of rounding errors.
constexpr double kShortest = 1e-6;

}  // namespace

class Tracker::Impl {
 public:
  explicit Impl(const TrackerSettings& settings) : settings_(settings) {}

  void step(const TrackInput& input, double time, const Affine* motion, const TrackOutput& out);
  void predict(double time, std::vector<TrackedFace>& faces) const;
  void restart();

  const TrackerSettings settings_;
  std::vector<TrackEvent> events_;

 private:
  using Kind = TrackEvent::Kind;

  bool begins(double time) const;
  void begin(double time);
  void move(double seconds, const Affine* motion, double scale);
  void collect(const TrackInput& input);
  void associate();
  void recall();
  void settle_places();
  void settle_place(Track& known, const FrameFace& face);
  Track* who_was_there(const float* box, const Track* but);
  void update(Track& track, double seconds, const TrackInput& input, const TrackOutput& out);
  void start(std::size_t face);
  void confirm(Track& track);
  void end_unseen();
  void leave(Track& track);
  void forget();
  void tell(Kind kind, std::int64_t id) { events_.push_back({kind, id, time_}); }

  bool started_ = false;
  double time_ = 0;  ///< of the last step
  std::int64_t next_id_ = 1;
  std::vector<Track> tracks_;           // in the order of their beginning
  std::vector<Remembered> remembered_;  // in the order of their leaving
  std::vector<FrameFace> faces_;
  Appearances appearances_;
  Association association_;
};

bool Tracker::Impl::begins(double time) const {
  if (!std::isfinite(time) || std::abs(time) > 1e12) {
    throw wrong("time", time, "seconds, of up to 1e12, are wanted");
  }
  if (!started_) return true;
  if (time > time_) return false;
  if (time_ - time > settings_.restart_after) return true;
  throw wrong("time", time, "more than " + text(time_) + ", that of the frame before, is wanted");
}

void Tracker::Impl::begin(double time) {
  if (started_) {
    for (Track& track : tracks_) leave(track);
  }
  tracks_.clear();
  // To those who are remembered, no time has passed between the streams.
  for (Remembered& person : remembered_) person.seen += time - time_;
  started_ = true;
  time_ = time;
}

void Tracker::Impl::restart() {
  events_.clear();
  for (Track& track : tracks_) leave(track);
  tracks_.clear();
  started_ = false;
}

void Tracker::Impl::step(const TrackInput& input, double time, const Affine* motion,
                         const TrackOutput& out) {
  check_input(input, appearances_.dim());
  const double scale = motion == nullptr ? 1 : checked_scale(*motion);
  const bool anew = begins(time);
  events_.clear();
  if (input.embeddings != nullptr && input.count > 0 && appearances_.dim() == 0) {
    appearances_.set_dim(input.dim);
  }
  double seconds = 0;
  if (anew) {
    begin(time);
  } else {
    seconds = std::max(time - time_, kShortest);
    move(seconds, motion, scale);
    time_ = time;
  }
  collect(input);
  forget();
  associate();

  for (std::size_t i = 0; i < input.count; ++i) out.ids[i] = -1;
  const std::size_t before = tracks_.size();
  for (std::size_t i = 0; i < before; ++i) {
    if (tracks_[i].face >= 0) update(tracks_[i], time_ - tracks_[i].seen, input, out);
  }
  for (std::size_t i = 0; i < faces_.size(); ++i) {
    if (faces_[i].track < 0 && faces_[i].score >= settings_.start_score) start(i);
  }
  for (std::size_t i = before; i < tracks_.size(); ++i) update(tracks_[i], 0, input, out);
  end_unseen();
}

void Tracker::Impl::move(double seconds, const Affine* motion, double scale) {
  for (Track& track : tracks_) {
    track.motion.predict(seconds, track.seen == time_, settings_);
    if (motion != nullptr) {
      track.motion.follow(*motion, scale);
      follow_camera(track, *motion, scale);
    }
    track.motion.box(track.box);
    track.size = static_cast<float>(track.motion.size());
    track.deviation = static_cast<float>(track.motion.deviation());
    track.face = -1;
  }
}

void Tracker::Impl::collect(const TrackInput& input) {
  faces_.resize(input.count);
  for (std::size_t i = 0; i < input.count; ++i) {
    FrameFace& face = faces_[i];
    face = {input.boxes + 4 * i, nullptr, input.scores[i], -1, false};
    if (input.embeddings == nullptr) continue;
    const float* embedding = input.embeddings + input.dim * i;
    if (is_embedded(embedding, input.dim)) face.embedding = embedding;
  }
}

void Tracker::Impl::associate() {
  association_.recognize(tracks_, faces_, appearances_, settings_);
  settle_places();
  recall();
  using Stage = Association::Stage;
  for (const Stage stage : {Stage::sure, Stage::unsure, Stage::unconfirmed}) {
    association_.match(stage, tracks_, faces_, appearances_, settings_);
  }
}

/// The track, other than `but`, that is expected at a box and is not yet found elsewhere.
Track* Tracker::Impl::who_was_there(const float* box, const Track* but) {
  Track* best = nullptr;
  float most = settings_.min_iou_low;
  for (Track& track : tracks_) {
    if (&track == but || track.face >= 0 || track.ended) continue;
    const float iou = buffered_iou(track.box, box, 0);
    if (iou >= most) {
      most = iou;
      best = &track;
    }
  }
  return best;
}

void Tracker::Impl::settle_places() {
  for (std::size_t i = 0; i < tracks_.size(); ++i) {
    if (tracks_[i].face < 0) continue;
    settle_place(tracks_[i], faces_[static_cast<std::size_t>(tracks_[i].face)]);
  }
}

/// Somebody was recognized. Where another track was expected at this place, the two were exchanged
/// before: each goes on with the other's motion. But where the one that is recognized was lost, the
/// other was this person all along, unless it has a look of its own.
void Tracker::Impl::settle_place(Track& known, const FrameFace& face) {
  const float own = buffered_iou(known.box, face.box, 0);
  if (own >= settings_.min_iou_low) return;
  Track* other = known.id < 0 ? nullptr : who_was_there(face.box, &known);
  if (other != nullptr && !known.lost) {
    std::swap(known.motion, other->motion);
    std::swap(known.box, other->box);
    std::swap(known.size, other->size);
    std::swap(known.deviation, other->deviation);
    other->smoothed = other->points_smoothed = false;
  } else if (other != nullptr && other->appearance < 0) {
    known.motion = other->motion;
    other->ended = true;
  } else if (own < settings_.min_iou) {
    known.motion.start(BoxShape(face.box), settings_);
  } else {
    return;
  }
  known.smoothed = known.points_smoothed = false;
}

/// Who has left and is recognized is there again, with what it was taken for until now.
void Tracker::Impl::recall() {
  const std::vector<std::int32_t>& persons =
      association_.recall(remembered_, faces_, appearances_, settings_);
  bool any = false;
  for (std::size_t i = 0; i < persons.size(); ++i) {
    if (persons[i] < 0) continue;
    any = true;
    Remembered& person = remembered_[static_cast<std::size_t>(persons[i])];
    Track* other = who_was_there(faces_[i].box, nullptr);
    Track track;
    track.id = person.id;
    track.appearance = person.appearance;
    track.hits = settings_.confirm_hits;
    track.first = track.seen = time_;
    if (other != nullptr && other->appearance < 0) {
      track.motion = other->motion;
      track.seen = other->seen;
      other->ended = true;
    } else {
      track.motion.start(BoxShape(faces_[i].box), settings_);
    }
    track.face = static_cast<std::int32_t>(i);
    faces_[i].track = static_cast<std::int32_t>(tracks_.size());
    person.id = -1;
    tell(Kind::appeared, track.id);
    tracks_.push_back(track);
  }
  if (!any) return;
  remembered_.erase(std::remove_if(remembered_.begin(), remembered_.end(),
                                   [](const Remembered& person) { return person.id < 0; }),
                    remembered_.end());
}

void Tracker::Impl::update(Track& track, double seconds, const TrackInput& input,
                           const TrackOutput& out) {
  const auto index = static_cast<std::size_t>(track.face);
  const FrameFace& face = faces_[index];
  if (seconds > 0) {
    track.motion.correct(BoxShape(face.box), settings_);
    ++track.hits;
  }
  if (seconds > settings_.lost_after) track.smoothed = track.points_smoothed = false;
  track.seen = time_;
  if (track.lost) {
    track.lost = false;
    tell(Kind::found, track.id);
  }
  if (face.embedding != nullptr) {
    track.appearance = appearances_.add(track.appearance, face.embedding, face.score);
  }
  if (track.id < 0 && track.hits >= settings_.confirm_hits) confirm(track);
  out.ids[index] = track.id;
  if (settings_.smooth) smooth(track, index, seconds, input, out, settings_);
}

void Tracker::Impl::start(std::size_t face) {
  Track track;
  track.motion.start(BoxShape(faces_[face].box), settings_);
  track.first = track.seen = time_;
  track.face = static_cast<std::int32_t>(face);
  faces_[face].track = static_cast<std::int32_t>(tracks_.size());
  tracks_.push_back(track);
}

void Tracker::Impl::confirm(Track& track) {
  track.id = next_id_++;
  tell(Kind::appeared, track.id);
}

void Tracker::Impl::end_unseen() {
  for (Track& track : tracks_) {
    const double unseen = time_ - track.seen;
    const bool unconfirmed = track.id < 0 && time_ - track.first > settings_.confirm_within;
    if (track.ended || unconfirmed || unseen > settings_.max_lost) {
      leave(track);
      track.ended = true;
    } else if (track.id >= 0 && !track.lost && unseen > settings_.lost_after) {
      track.lost = true;
      tell(Kind::lost, track.id);
    }
  }
  tracks_.erase(std::remove_if(tracks_.begin(), tracks_.end(),
                               [](const Track& track) { return track.ended; }),
                tracks_.end());
}

/// Ends a track; who has an appearance is remembered.
void Tracker::Impl::leave(Track& track) {
  if (track.id >= 0) tell(Kind::left, track.id);
  const bool kept = track.id >= 0 && track.appearance >= 0 && settings_.most_remembered > 0;
  if (!kept) {
    appearances_.release(track.appearance);
    return;
  }
  if (remembered_.size() == static_cast<std::size_t>(settings_.most_remembered)) {
    appearances_.release(remembered_.front().appearance);
    remembered_.erase(remembered_.begin());
  }
  remembered_.push_back({track.id, track.seen, track.appearance});
}

void Tracker::Impl::forget() {
  const double since = time_ - settings_.max_remembered;
  const auto end =
      std::remove_if(remembered_.begin(), remembered_.end(), [&](const Remembered& person) {
        if (person.seen >= since) return false;
        appearances_.release(person.appearance);
        return true;
      });
  remembered_.erase(end, remembered_.end());
}

void Tracker::Impl::predict(double time, std::vector<TrackedFace>& faces) const {
  if (!std::isfinite(time) || (started_ && time < time_)) {
    throw wrong("time", time, "at least " + text(time_) + ", that of the last frame, is wanted");
  }
  faces.clear();
  for (const Track& track : tracks_) {
    if (track.id < 0) continue;
    Motion motion = track.motion;
    motion.predict(time - time_, track.seen == time_, settings_);
    TrackedFace face;
    face.id = track.id;
    face.unseen = time - track.seen;
    motion.box(face.box);
    faces.push_back(face);
  }
}

Tracker::Tracker(const TrackerSettings& settings) {
  check_settings(settings);
  impl_ = std::make_unique<Impl>(settings);
}
Tracker::~Tracker() = default;
Tracker::Tracker(Tracker&&) noexcept = default;
Tracker& Tracker::operator=(Tracker&&) noexcept = default;

const TrackerSettings& Tracker::settings() const { return impl_->settings_; }
const std::vector<TrackEvent>& Tracker::events() const { return impl_->events_; }
void Tracker::restart() { impl_->restart(); }

void Tracker::step(const TrackInput& faces, double time, const Affine* motion,
                   const TrackOutput& out) {
  impl_->step(faces, time, motion, out);
}

void Tracker::step(Faces& faces, double time, const Affine* motion) {
  TrackInput input;
  input.count = faces.size();
  input.boxes = faces.get(columns::boxes);
  input.scores = faces.get(columns::scores);
  input.landmarks = faces.get(columns::landmarks);
  input.embeddings = faces.get(columns::embeddings);
  if (input.count > 0 && (input.boxes == nullptr || input.scores == nullptr)) {
    throw InvalidArgument("faces: got a table without boxes or scores; both are wanted");
  }
  faces.each([&](const Faces::Entry& entry) {
    if (entry.column.name == columns::embeddings.name) input.dim = entry.width();
  });
  TrackOutput out;
  const bool smooth = impl_->settings_.smooth;
  out.ids = faces.add<std::int64_t>(columns::ids);
  out.boxes = smooth ? faces.get(columns::boxes) : nullptr;
  out.landmarks = smooth ? faces.get(columns::landmarks) : nullptr;
  impl_->step(input, time, motion, out);
}

void Tracker::predict(double time, std::vector<TrackedFace>& faces) const {
  impl_->predict(time, faces);
}

}  // namespace rostro
