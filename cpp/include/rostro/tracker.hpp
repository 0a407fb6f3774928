#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "rostro/faces.hpp"
#include "rostro/types.hpp"

namespace rostro {

/// How a tracker works. Lengths are in sizes of the face, the root of its box's area; times in
/// seconds. "ByteTrack" is Zhang et al., "ByteTrack: Multi-object tracking by associating every
/// detection box", 2022, whose noise a frame is taken at its 30 frames a second.
struct TrackerSettings {
  // Which detections are faces.
  float high_score = 0.6f;   ///< from here on a detection is sure; ByteTrack's
  float low_score = 0.1f;    ///< below, it is not looked at; ByteTrack's
  float start_score = 0.7f;  ///< from here on it may be somebody new; ByteTrack's, high + 0.1
  // What belongs together.
  float min_iou = 0.2f;      ///< of a sure detection and where its face was expected; ByteTrack's
  float min_iou_low = 0.5f;  ///< of one that is not sure; ByteTrack's
  /// Boxes are enlarged by the standard deviation of where a face is, by this much at most, before
  /// they are compared: after Yang et al., "Hard to track objects with irregular motions and
  /// similar appearances? Make it easier by buffering the matching space", 2023.
  float max_buffer = 0.5f;
  // Who is who, by cosine similarity of embeddings.
  float recognize = 0.4f;   ///< from here on one person; a little above SFace's 0.363 of FMR 1e-3
  float contradict = 0.1f;  ///< below, two persons, wherever they are
  // How long.
  int confirm_hits = 2;         ///< detections before a face has an id; ByteTrack's
  double confirm_within = 0.5;  ///< a face that waits for them is forgotten after this
  double lost_after = 0.2;      ///< unseen for longer, a face is lost
  double max_lost = 2;          ///< unseen for longer, it has left; ByteTrack's is 1
  double max_remembered = 60;   ///< unseen for longer, it is not recognised any more
  int most_remembered = 1000;   ///< persons who have left; who left first is forgotten first
  double restart_after = 1;     ///< a time that turns back by more begins a new stream
  // Noise, as standard deviations.
  double position_noise = 0.05;      ///< of a detection's center, and of its size; ByteTrack's 1/20
  double aspect_noise = 0.1;         ///< of the logarithm of its aspect; ByteTrack's
  double position_diffusion = 0.27;  ///< of a center in a second; ByteTrack's 1/20 sqrt(30)
  double speed_diffusion = 1.03;     ///< of its speed in a second; ByteTrack's 30/160 sqrt(30)
  double first_speed_noise = 1.875;  ///< of the speed of a new face; ByteTrack's 10/160 * 30
  // One-Euro filters of boxes and landmarks: Casiez, Roussel and Vogel, "1 Euro filter", 2012.
  bool smooth = false;
  double min_cutoff = 1;         ///< Hz, of a face that does not move
  double cutoff_slope = 5;       ///< Hz more for each size a second that a point moves
  double derivative_cutoff = 1;  ///< Hz, of how fast it moves; the paper's
};

/// What happened to a face that is followed.
struct TrackEvent {
  enum class Kind {
    appeared,  ///< somebody new is there, or somebody who had left
    lost,      ///< not seen for `lost_after`
    found,     ///< seen again after that
    left,      ///< not seen for `max_lost`
  };
  Kind kind = Kind::appeared;
  std::int64_t id = 0;
  double time = 0;  ///< of the frame
};

/// The faces of a frame, as arrays that the caller owns.
struct TrackInput {
  std::size_t count = 0;
  const float* boxes = nullptr;       ///< count x 4, x1 y1 x2 y2
  const float* scores = nullptr;      ///< count
  const float* landmarks = nullptr;   ///< count x 5 x 2, or null
  const float* embeddings = nullptr;  ///< count x dim, or null; a row of zeros: not embedded
  std::size_t dim = 0;
};

/// What a frame's faces become, as arrays that the caller owns.
struct TrackOutput {
  std::int64_t* ids = nullptr;  ///< count; -1 of what is nobody, or not yet
  float* boxes = nullptr;       ///< count x 4, with `smooth`
  float* landmarks = nullptr;   ///< count x 5 x 2, with `smooth` and landmarks
};

/// A face that is followed, as it is expected at a time.
struct TrackedFace {
  std::int64_t id = -1;
  float box[4] = {};
  double unseen = 0;  ///< seconds since it was seen
};

/// Gives the faces of a stream ids that last: a Kalman filter a face, for frames that may come at
/// any time; association in two stages by score, as ByteTrack; embeddings, where the caller has
/// some, say who is who before motion does. So ids that were exchanged while two people crossed are
/// mended, and who comes back is known again.
///
/// Ids count from 1 and are never used twice. Once it has seen as many faces as there will be, a
/// step allocates nothing. One thread at a time.
class Tracker {
 public:
  /// Throws InvalidArgument for settings that are out of range or do not go together.
  explicit Tracker(const TrackerSettings& settings = {});
  ~Tracker();
  Tracker(Tracker&&) noexcept;
  Tracker& operator=(Tracker&&) noexcept;

  const TrackerSettings& settings() const;

  /// Takes the next frame. `motion` maps the pixels of the frame before to this one's, where the
  /// camera's motion is known. A time that is more than `restart_after` before the last one begins
  /// a new stream: all have left, and are known again by their embeddings.
  ///
  /// Throws InvalidArgument, and changes nothing, for a time that is not finite or not after the
  /// last one, boxes, scores or landmarks that are not finite, a box without an area, embeddings of
  /// another length than before or without unit norm, or a motion that cannot be undone.
  void step(const TrackInput& faces, double time, const Affine* motion, const TrackOutput& out);

  /// The same for a table: adds `ids`, and with `smooth` writes over boxes and landmarks.
  void step(Faces& faces, double time, const Affine* motion = nullptr);

  /// What the last step brought.
  const std::vector<TrackEvent>& events() const;

  /// The faces that have an id and have not left, as they are expected at a time, in the order in
  /// which they appeared. Throws InvalidArgument for a time before the last step's.
  void predict(double time, std::vector<TrackedFace>& faces) const;

  /// A new stream begins: everybody leaves at the time of the last step, and is known again by
  /// embeddings, as long as `max_remembered` says by the new stream's times.
  void restart();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rostro
