#include "detect/turn.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "rostro/rotation.hpp"

using namespace rostro;

namespace {

constexpr Turn kTurns[] = {Turn::none, Turn::quarter, Turn::half, Turn::three_quarters};

Faces one_face(const std::vector<float>& box, const std::vector<float>& eyes) {
  Faces faces(1);
  std::copy(box.begin(), box.end(), faces.add<float>(columns::boxes));
  *faces.add<float>(columns::scores) = 0.8f;
  float* landmarks = faces.add<float>(columns::landmarks);
  std::fill_n(landmarks, 2 * kLandmarks, 0.0f);
  std::copy(eyes.begin(), eyes.end(), landmarks);
  return faces;
}

}  // namespace

TEST_CASE("turn: planes are those of the turned picture, at the top left, and padded") {
  // 3x2 pixels in planes of 4x3, with 9 around them.
  const std::vector<float> plane = {1, 2, 3, 9, 4, 5, 6, 9, 9, 9, 9, 9};
  std::vector<float> planes;
  for (int channel = 0; channel < 3; ++channel) {
    for (const float value : plane) planes.push_back(value + 10.0f * static_cast<float>(channel));
  }
  const std::vector<float> wanted[] = {{1, 2, 3, 9, 4, 5, 6, 9, 9, 9, 9, 9},
                                       {4, 1, 9, 5, 2, 9, 6, 3, 9, 9, 9, 9},
                                       {6, 5, 4, 9, 3, 2, 1, 9, 9, 9, 9, 9},
                                       {3, 6, 9, 2, 5, 9, 1, 4, 9, 9, 9, 9}};
  for (const Turn turn : kTurns) {
    std::vector<float> out(planes.size());
    turn_planes(planes.data(), {4, 3}, {3, 2}, turn, out.data());
    for (std::size_t i = 0; i < out.size(); ++i) {
      const auto of_channel = static_cast<float>(i / plane.size());
      CHECK(out[i] == wanted[static_cast<int>(turn)][i % plane.size()] + 10 * of_channel);
    }
  }
}

TEST_CASE("turn: faces go back to the image, and say by how much it was turned") {
  // In an image of 100x60: what is at (10, 20) of it is at (39, 10) once it is turned.
  Faces faces = one_face({29, 5, 39, 10}, {39, 10, 50, 10});
  turn_back(faces, Turn::quarter, {100, 60});
  tell_turn(faces, Turn::quarter);
  const float* box = faces.get(columns::boxes);
  CHECK(std::vector<float>(box, box + 4) == std::vector<float>{5, 20, 10, 30});
  const float* eyes = faces.get(columns::landmarks);
  CHECK(std::vector<float>(eyes, eyes + 4) == std::vector<float>{10, 20, 10, 9});
  const Column turn{"attributes.turn", "turn", ColumnKind::value, ColumnType::int64};
  CHECK(*faces.get<std::int64_t>(turn) == 90);
  CHECK(uprightness(faces) == 0.8f);
  CHECK(uprightness(one_face({0, 0, 9, 9}, {10, 20, 10, 9})) == 0.0f);
  CHECK(uprightness(one_face({0, 0, 9, 9}, {10, 20, 30, 39})) == 0.8f);
  CHECK(uprightness(Faces(0)) == 0.0f);
}

TEST_CASE("turn: poses and places turn about the camera's axis") {
  for (const Turn turn : kTurns) {
    Faces faces = one_face({0, 0, 9, 9}, {1, 1, 5, 1});
    const Angles seen = {30, -20, 10};
    std::copy(seen.begin(), seen.end(), faces.add<float>(columns::poses));
    float* place = faces.add<float>(columns::translations);
    place[0] = 1, place[1] = 2, place[2] = 3;
    turn_back(faces, turn, {100, 60});
    // The place as it would be seen in the turned image again.
    const Matrix3 forth = rotation_of_angles({0, 0, 90.0 * static_cast<int>(turn)});
    place = faces.get(columns::translations);
    const Vector3 again = multiply(forth, Vector3{place[0], place[1], place[2]});
    for (std::size_t i = 0; i < 3; ++i) CHECK(again[i] == doctest::Approx(1.0 + double(i)));
    const float* pose = faces.get(columns::poses);
    const Matrix3 back = rotation_of_angles({pose[0], pose[1], pose[2]});
    const Angles angles = angles_of_rotation(multiply(forth, back));
    for (std::size_t i = 0; i < 3; ++i) CHECK(angles[i] == doctest::Approx(seen[i]));
    // A quarter clockwise takes what is right of the camera's axis to below it.
    if (turn == Turn::quarter) CHECK(place[0] == doctest::Approx(2));
    if (turn == Turn::quarter) CHECK(place[1] == doctest::Approx(-1));
  }
}
