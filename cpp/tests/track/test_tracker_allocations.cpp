#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "rostro/tracker.hpp"
#include "support/allocations.hpp"

using namespace rostro;
using testing::allocations_of;

namespace {

/// Twenty people who walk about; every fifth is away in turn for three seconds.
struct Crowd {
  static constexpr int people = 20;
  static constexpr std::size_t dim = 32;

  void at(int frame) {
    boxes.clear(), scores.clear(), landmarks.clear(), embeddings.clear();
    for (int i = 0; i < people; ++i) {
      if ((frame / 90 + i) % 5 == 0 || (frame + 7 * i) % 11 == 0) continue;
      const float x = static_cast<float>(100 * (i % 5) + frame % 40);
      const float y = static_cast<float>(100 * (i / 5));
      boxes.insert(boxes.end(), {x, y, x + 40, y + 50});
      scores.push_back(i % 7 == 0 ? 0.4f : 0.9f);
      landmarks.insert(landmarks.end(), 2 * kLandmarks, x);
      for (std::size_t d = 0; d < dim; ++d) {
        embeddings.push_back(d == static_cast<std::size_t>(i) ? 1.0f : 0.0f);
      }
    }
    ids.assign(scores.size(), 0);
    smooth_boxes = boxes;
    smooth_landmarks = landmarks;
  }

  TrackInput input() const {
    return {scores.size(), boxes.data(), scores.data(), landmarks.data(), embeddings.data(), dim};
  }
  TrackOutput output() { return {ids.data(), smooth_boxes.data(), smooth_landmarks.data()}; }

  std::vector<float> boxes, scores, landmarks, embeddings, smooth_boxes, smooth_landmarks;
  std::vector<std::int64_t> ids;
};

}  // namespace

TEST_CASE("allocations: a tracker asks for no memory once it has seen all its people") {
  TrackerSettings settings;
  settings.smooth = true;
  Tracker tracker(settings);
  Crowd crowd;
  const Affine shake{{1, 0, 0.5f, 0, 1, -0.5f}};
  int frame = 0;
  std::size_t events = 0;
  const auto frames = [&](int count) {
    std::size_t asked = 0;
    for (int end = frame + count; frame < end; ++frame) {
      crowd.at(frame);
      asked += allocations_of([&] {
        tracker.step(crowd.input(), frame / 30.0, frame % 3 == 0 ? &shake : nullptr,
                     crowd.output());
      });
      events += tracker.events().size();
    }
    return asked;
  };
  CHECK(frames(900) > 0);
  events = 0;
  CHECK(frames(900) == 0);
  CHECK(events > 40);  // people left and came back meanwhile
}
