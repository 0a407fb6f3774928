#include "rostro/tracker.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "rostro/error.hpp"

using namespace rostro;

namespace {

using Kind = TrackEvent::Kind;
using Ids = std::vector<std::int64_t>;

struct Seen {
  float x, y;
  float score = 0.9f;
  int person = -1;  ///< whose embedding comes with it
};

/// A tracker, and frames of faces of 40x40 pixels at 30 a second.
struct Stream {
  explicit Stream(const TrackerSettings& settings = {}) : tracker(settings) {}

  Ids frame(const std::vector<Seen>& faces, double seconds = 1.0 / 30,
            const Affine* motion = nullptr) {
    time += seconds;
    return frame_at(faces, time, motion);
  }

  Ids frame_at(const std::vector<Seen>& faces, double at, const Affine* motion = nullptr) {
    Faces table(faces.size());
    float* boxes = table.add<float>(columns::boxes);
    float* scores = table.add<float>(columns::scores);
    float* embeddings = table.add<float>(columns::embeddings, {4});
    for (std::size_t i = 0; i < faces.size(); ++i) {
      const float x = faces[i].x, y = faces[i].y;
      const float box[4] = {x - 20, y - 20, x + 20, y + 20};
      for (std::size_t d = 0; d < 4; ++d) {
        boxes[4 * i + d] = box[d];
        embeddings[4 * i + d] = static_cast<int>(d) == faces[i].person ? 1.0f : 0.0f;
      }
      scores[i] = faces[i].score;
    }
    tracker.step(table, at, motion);
    for (const TrackEvent& event : tracker.events()) events.push_back(event);
    const std::int64_t* ids = table.get<std::int64_t>(columns::ids);
    return {ids, ids + faces.size()};
  }

  /// What happened since the last call, such as "appeared 1, lost 2".
  std::string told() {
    static constexpr const char* kNames[] = {"appeared", "lost", "found", "left"};
    std::string text;
    for (const TrackEvent& event : events) {
      text += (text.empty() ? "" : ", ") + std::string(kNames[static_cast<int>(event.kind)]) + " " +
              std::to_string(event.id);
    }
    events.clear();
    return text;
  }

  Tracker tracker;
  double time = 0;
  std::vector<TrackEvent> events;
};

const Ids kNobody{-1};

}  // namespace

TEST_CASE("tracker: a face has an id from its second frame on") {
  Stream stream;
  CHECK(stream.frame({{100, 100}}) == kNobody);
  CHECK(stream.frame({{102, 100}}) == Ids{1});
  CHECK(stream.told() == "appeared 1");
  CHECK(stream.frame({{104, 100}, {300, 100}}) == Ids{1, -1});
  CHECK(stream.frame({{300, 100}, {106, 100}}) == Ids{2, 1});
}

TEST_CASE("tracker: a weak detection keeps a face, and begins none") {
  Stream stream;
  stream.frame({{100, 100}});
  stream.frame({{100, 100}});
  CHECK(stream.frame({{100, 100, 0.2f}}) == Ids{1});
  CHECK(stream.frame({{100, 100, 0.05f}}) == kNobody);
  for (int i = 0; i < 5; ++i) CHECK(stream.frame({{300, 100, 0.5f}}) == kNobody);
}

TEST_CASE("tracker: lost, found, left") {
  Stream stream;
  for (int i = 0; i < 10; ++i) stream.frame({{100, 100}});
  for (int i = 0; i < 5; ++i) stream.frame({});
  CHECK(stream.told() == "appeared 1");
  for (int i = 0; i < 5; ++i) stream.frame({});
  CHECK(stream.told() == "lost 1");
  CHECK(stream.frame({{102, 101}}) == Ids{1});
  CHECK(stream.told() == "found 1");
  for (int i = 0; i < 70; ++i) stream.frame({});
  CHECK(stream.told() == "lost 1, left 1");
}

TEST_CASE("tracker: frames may come at any time") {
  Stream stream;
  float x = 100;
  Ids ids;
  for (const double seconds : {0.03, 0.2, 0.01, 0.5, 0.1, 0.4}) {
    x += static_cast<float>(30 * seconds);
    ids = stream.frame({{x, 100}}, seconds);
  }
  CHECK(ids == Ids{1});
}

TEST_CASE("tracker: who is recognized after leaving has the old id") {
  Stream stream;
  for (int i = 0; i < 5; ++i) stream.frame({{100, 100, 0.9f, 0}});
  for (int i = 0; i < 100; ++i) stream.frame({});
  stream.told();
  CHECK(stream.frame({{500, 300, 0.9f, 0}}) == Ids{1});
  CHECK(stream.told() == "appeared 1");
  for (int i = 0; i < 100; ++i) stream.frame({});
  CHECK(stream.frame({{500, 300, 0.9f, 1}}) == kNobody);  // somebody else
  stream.frame({}, 61);
  CHECK(stream.frame({{500, 300, 0.9f, 0}}) == kNobody);  // long forgotten
}

TEST_CASE("tracker: who was taken for new until an embedding came has the old id") {
  Stream stream;
  for (int i = 0; i < 5; ++i) stream.frame({{100, 100, 0.9f, 0}});
  for (int i = 0; i < 100; ++i) stream.frame({});
  for (int i = 0; i < 5; ++i) stream.frame({{500, 300}});
  stream.told();
  CHECK(stream.frame({{500, 300, 0.9f, 0}}) == Ids{1});
  CHECK(stream.told() == "appeared 1, left 2");
  CHECK(stream.frame({{500, 300}}) == Ids{1});
}

TEST_CASE("tracker: ids that were exchanged are mended by one embedding") {
  Stream stream;
  for (int i = 0; i < 5; ++i) stream.frame({{100, 100, 0.9f, 0}, {300, 100, 0.9f, 1}});
  // The two change places between frames, and no embedding says so for a while.
  for (int i = 0; i < 5; ++i) CHECK(stream.frame({{300, 100}, {100, 100}}) == Ids{2, 1});
  CHECK(stream.frame({{300, 100, 0.9f, 0}, {100, 100}}) == Ids{1, 2});
  CHECK(stream.frame({{300, 100}, {100, 100}}) == Ids{1, 2});
  stream.told();
}

TEST_CASE("tracker: another face at the same place is another person") {
  Stream stream;
  for (int i = 0; i < 5; ++i) stream.frame({{100, 100, 0.9f, 0}});
  stream.frame({{100, 100, 0.9f, 1}});
  CHECK(stream.frame({{100, 100, 0.9f, 1}}) == Ids{2});
}

TEST_CASE("tracker: the camera's motion is made up for") {
  const Affine pan{{1, 0, -60, 0, 1, 0}};
  Stream with, without;
  Ids known, lost;
  for (int i = 0; i < 20; ++i) {
    const float shift = i < 10 ? 0.0f : -60.0f * static_cast<float>(i - 9);
    known = with.frame({{800 + shift, 100}}, 0.1, i < 10 ? nullptr : &pan);
    lost = without.frame({{800 + shift, 100}}, 0.1);
  }
  CHECK(known == Ids{1});
  CHECK(lost != Ids{1});
}

TEST_CASE("tracker: times that repeat are refused, a turn back begins a new stream") {
  Stream stream;
  for (int i = 0; i < 5; ++i) stream.frame_at({{100, 100, 0.9f, 0}}, 100 + i / 30.0);
  stream.told();
  for (const double time : {100 + 4 / 30.0, 99.5, std::nan(""), 1e300}) {
    CHECK_THROWS_WITH_AS(stream.frame_at({}, time), doctest::Contains("time: got"),
                         InvalidArgument);
  }
  CHECK(stream.frame_at({{100, 100}}, 100.2) == Ids{1});  // nothing was changed
  CHECK(stream.frame_at({{300, 100, 0.9f, 0}}, 1) == Ids{1});
  CHECK(stream.told() == "left 1, appeared 1");
}

TEST_CASE("tracker: a stream may begin anew") {
  Stream stream;
  for (int i = 0; i < 5; ++i) stream.frame({{100, 100, 0.9f, 0}, {300, 100}});
  stream.tracker.restart();
  CHECK(stream.tracker.events().size() == 2);
  CHECK(stream.frame_at({{300, 100}, {100, 100, 0.9f, 0}}, -5) == Ids{-1, 1});
}

TEST_CASE("tracker: predicts where faces are") {
  Stream stream;
  for (int i = 0; i < 60; ++i) stream.frame({{100 + 2 * static_cast<float>(i), 100}});
  std::vector<TrackedFace> faces;
  stream.tracker.predict(stream.time + 0.5, faces);
  REQUIRE(faces.size() == 1);
  CHECK(faces[0].id == 1);
  CHECK(faces[0].unseen == doctest::Approx(0.5));
  CHECK((faces[0].box[0] + faces[0].box[2]) / 2 == doctest::Approx(248).epsilon(0.01));
  CHECK_THROWS_AS(stream.tracker.predict(stream.time - 1, faces), InvalidArgument);
}

TEST_CASE("tracker: what cannot be followed is told, and changes nothing") {
  Tracker tracker;
  std::int64_t id = 0;
  const float nan = std::nanf("");
  const auto refused = [&](const float* box, float score, const float* embedding, std::size_t dim,
                           const char* message) {
    const TrackInput input{1, box, &score, nullptr, embedding, dim};
    CHECK_THROWS_WITH_AS(tracker.step(input, 1, nullptr, {&id, nullptr, nullptr}),
                         doctest::Contains(message), InvalidArgument);
  };
  const float good[4] = {0, 0, 10, 10}, empty[4] = {0, 0, 0, 10}, none[4] = {0, 0, nan, 10};
  const float unit[2] = {1, 0}, long_one[2] = {1, 1}, bad[2] = {nan, 1};
  refused(empty, 1, nullptr, 0, "boxes[0]: got a box of 0 x 10");
  refused(none, 1, nullptr, 0, "boxes[0]: got nan");
  refused(good, nan, nullptr, 0, "scores[0]: got nan");
  refused(good, 2, nullptr, 0, "scores[0]: got 2");
  refused(good, 1, long_one, 2, "embeddings[0]");
  refused(good, 1, bad, 2, "embeddings[0]");
  const float score = 1;
  const Affine flat{{0, 0, 0, 0, 0, 0}};
  const TrackInput input{1, good, &score, nullptr, unit, 2};
  CHECK_THROWS_WITH_AS(tracker.step(input, 1, &flat, {&id, nullptr, nullptr}),
                       doctest::Contains("motion"), InvalidArgument);
  tracker.step(input, 1, nullptr, {&id, nullptr, nullptr});
  refused(good, 1, unit, 1, "embeddings: got 1 numbers each; 2, as before, are wanted");
}

TEST_CASE("tracker: settings that do not go together are told") {
  TrackerSettings settings;
  settings.high_score = 0.05f;
  CHECK_THROWS_WITH_AS(Tracker{settings}, doctest::Contains("high_score"), InvalidArgument);
  settings = {};
  settings.max_lost = 0.1;
  CHECK_THROWS_WITH_AS(Tracker{settings}, doctest::Contains("max_lost"), InvalidArgument);
  settings = {};
  settings.position_noise = std::nan("");
  CHECK_THROWS_WITH_AS(Tracker{settings}, doctest::Contains("position_noise"), InvalidArgument);
}
