#include "track/motion.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "track/one_euro.hpp"

using namespace rostro;

namespace {

void check_equal(const Axis& a, const Axis& b) {
  CHECK(a.value == doctest::Approx(b.value));
  CHECK(a.speed == doctest::Approx(b.speed));
  CHECK(a.variance == doctest::Approx(b.variance));
  CHECK(a.covariance == doctest::Approx(b.covariance));
  CHECK(a.speed_variance == doctest::Approx(b.speed_variance));
}

const float kBox[4] = {100, 50, 140, 100};

}  // namespace

TEST_CASE("motion: a second is predicted as ten tenths of one") {
  Axis whole{1, 2, 3, 0.5, 4}, parts = whole;
  whole.predict(1, 0.3, 0.7);
  for (int i = 0; i < 10; ++i) parts.predict(0.1, 0.3, 0.7);
  check_equal(parts, whole);
}

TEST_CASE("motion: a measurement corrects as the filter's equations say") {
  const double noise = 0.5, measured = 5;
  Axis axis{1, 2, 3, 0.5, 4};
  const double p[2][2] = {{3, 0.5}, {0.5, 4}};
  const double gain[2] = {p[0][0] / (p[0][0] + noise), p[1][0] / (p[0][0] + noise)};
  axis.correct(measured, noise);
  // (I - K H) P
  check_equal(axis, {1 + gain[0] * 4, 2 + gain[1] * 4, (1 - gain[0]) * p[0][0],
                     (1 - gain[0]) * p[0][1], p[1][1] - gain[1] * p[0][1]});
}

TEST_CASE("motion: a box comes out as it went in, and moves with its speed") {
  const TrackerSettings settings;
  Motion motion;
  motion.start(BoxShape(kBox), settings);
  float box[4];
  motion.box(box);
  for (int i = 0; i < 4; ++i) CHECK(box[i] == doctest::Approx(kBox[i]));
  CHECK(motion.size() == doctest::Approx(std::sqrt(40.0 * 50.0)));
  for (int frame = 1; frame <= 60; ++frame) {
    motion.predict(1.0 / 30, true, settings);
    const float moved[4] = {100 + 3.0f * static_cast<float>(frame), 50,
                            140 + 3.0f * static_cast<float>(frame), 100};
    motion.correct(BoxShape(moved), settings);
  }
  motion.predict(1, true, settings);
  motion.box(box);
  CHECK(box[0] == doctest::Approx(370).epsilon(0.01));
}

TEST_CASE("motion: frames that are missing come to what frames without a detection come to") {
  const TrackerSettings settings;
  Motion once, often;
  once.start(BoxShape(kBox), settings);
  often.start(BoxShape(kBox), settings);
  once.predict(0.5, false, settings);
  for (int i = 0; i < 5; ++i) often.predict(0.1, false, settings);
  CHECK(once.deviation() == doctest::Approx(often.deviation()));
}

TEST_CASE("motion: it turns and grows with the camera") {
  const TrackerSettings settings;
  Motion motion;
  motion.start(BoxShape(kBox), settings);
  const double before = motion.deviation();
  const Affine quarter{{0, -2, 300, 2, 0, 10}};  // turned by 90 degrees and twice as large
  motion.follow(quarter, 2);
  float box[4];
  motion.box(box);
  CHECK((box[0] + box[2]) / 2 == doctest::Approx(300 - 2 * 75));
  CHECK((box[1] + box[3]) / 2 == doctest::Approx(10 + 2 * 120));
  CHECK(motion.size() == doctest::Approx(2 * std::sqrt(40.0 * 50.0)));
  CHECK(motion.deviation() == doctest::Approx(before));
}

TEST_CASE("one euro: noise of a point at rest is smoothed, a moving one is followed") {
  const TrackerSettings settings;
  const double size = 50, frame = 1.0 / 30;
  OneEuro still, moving;
  still.start(100);
  moving.start(100);
  double largest = 0, behind = 0;
  for (int i = 1; i <= 120; ++i) {
    const double noise = i % 2 == 0 ? 1 : -1;
    const double value = still.filter(100 + noise, frame, size, settings);
    if (i > 30) largest = std::max(largest, std::abs(value - 100));
    const double at = 100 + 100 * i * frame;  // two sizes a second
    behind = at - moving.filter(at, frame, size, settings);
  }
  CHECK(largest < 0.6);
  CHECK(behind < 0.05 * size);
}
