#pragma once

#include <cstdint>
#include <vector>

#include "rostro/assignment.hpp"
#include "rostro/tracker.hpp"
#include "track/appearances.hpp"
#include "track/motion.hpp"
#include "track/one_euro.hpp"

// What a tracker keeps: the faces that it follows, those of the frame, and how the two are brought
// together.
namespace rostro {

/// Somebody who is followed.
struct Track {
  std::int64_t id = -1;  ///< -1 until enough detections have confirmed it
  Motion motion;
  double first = 0, seen = 0;  ///< times
  int hits = 1;
  bool lost = false;
  std::int32_t appearance = Appearances::none;
  std::int32_t face = -1;         ///< of this frame
  bool ended = false;             ///< was somebody else all along
  float box[4] = {};              ///< where it is expected in this frame
  float size = 0, deviation = 0;  ///< of that, pixels and sizes
  bool smoothed = false, points_smoothed = false;
  OneEuro box_filters[4] = {};  ///< center x, y, width, height
  OneEuro point_filters[2 * kLandmarks] = {};
};

/// Somebody who has left and may come back.
struct Remembered {
  std::int64_t id = -1;
  double seen = 0;
  std::int32_t appearance = Appearances::none;
};

/// A face of this frame.
struct FrameFace {
  const float* box = nullptr;
  const float* embedding = nullptr;  ///< null where there is none
  float score = 0;
  std::int32_t track = -1;
  bool recognized = false;  ///< is like somebody who is followed
};

/// Intersection over union of two boxes that are enlarged by `margin` on all sides.
float buffered_iou(const float* a, const float* b, float margin);

/// Brings tracks and faces together, and keeps the memory for that.
class Association {
 public:
  /// By embeddings: who is followed, wherever they are. Where two tracks are as similar, the
  /// expected place decides.
  void recognize(std::vector<Track>& tracks, std::vector<FrameFace>& faces,
                 const Appearances& appearances, const TrackerSettings& settings);

  /// By embeddings: the person of `remembered` of each face that is like nobody who is followed, -1
  /// for none.
  const std::vector<std::int32_t>& recall(const std::vector<Remembered>& remembered,
                                          const std::vector<FrameFace>& faces,
                                          const Appearances& appearances,
                                          const TrackerSettings& settings);

  enum class Stage { sure, unsure, unconfirmed };
  /// By where tracks are expected.
  void match(Stage stage, std::vector<Track>& tracks, std::vector<FrameFace>& faces,
             const Appearances& appearances, const TrackerSettings& settings);

 private:
  void collect_faces(const std::vector<FrameFace>& faces, float low, float high, bool embedded);
  void solve(double limit);
  void pair(std::vector<Track>& tracks, std::vector<FrameFace>& faces) const;

  Assignment assignment_;
  std::vector<std::int32_t> rows_, columns_;  // indices of tracks and of faces
  std::vector<std::int32_t> found_;           // the column of each row
  std::vector<std::int32_t> persons_;         // of each face
  std::vector<double> costs_;
};

}  // namespace rostro
