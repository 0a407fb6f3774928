#include "detect/turn.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "rostro/rotation.hpp"

namespace rostro {

namespace {

// What no scheme of attributes has: by how many degrees the image was turned clockwise.
const Column& turn_column() {
  static const Column column{"attributes.turn", "turn", ColumnKind::value, ColumnType::int64};
  return column;
}

/// From the turned image, whose pixel x' = height - 1 - y is the image's y after a quarter.
Affine back_to_image(Turn turn, Size image) {
  const float right = static_cast<float>(image.width - 1);
  const float bottom = static_cast<float>(image.height - 1);
  switch (turn) {
    case Turn::quarter:
      return {{0, 1, 0, -1, 0, bottom}};
    case Turn::half:
      return {{-1, 0, right, 0, -1, bottom}};
    case Turn::three_quarters:
      return {{0, -1, right, 1, 0, 0}};
    case Turn::none:
      break;
  }
  return {};
}

/// Poses in the turned image as they are in the image: R = Rz(-turn) R_turned, and t likewise.
void turn_poses(Faces& faces, Turn turn) {
  const Matrix3 back = rotation_of_angles({0, 0, -90.0 * static_cast<int>(turn)});
  const auto to_float = [](double number) { return static_cast<float>(number); };
  float* poses = faces.get(columns::poses);
  float* translations = faces.get(columns::translations);
  for (std::size_t i = 0; i < faces.size(); ++i) {
    if (poses != nullptr) {
      float* pose = poses + 3 * i;
      const Matrix3 seen = rotation_of_angles({pose[0], pose[1], pose[2]});
      const Angles angles = angles_of_rotation(multiply(back, seen));
      std::transform(angles.begin(), angles.end(), pose, to_float);
    }
    if (translations != nullptr) {
      float* to = translations + 3 * i;
      const Vector3 moved = multiply(back, Vector3{to[0], to[1], to[2]});
      std::transform(moved.begin(), moved.end(), to, to_float);
    }
  }
}

}  // namespace

Size turned(Size size, Turn turn) {
  const bool across = turn == Turn::quarter || turn == Turn::three_quarters;
  return across ? Size{size.height, size.width} : size;
}

void turn_planes(const float* planes, Size size, Size content, Turn turn, float* out) {
  const std::ptrdiff_t width = size.width, plane = width * size.height;
  // The first pixel of the turned content, and the steps to the next in a row and to the next row.
  std::ptrdiff_t first = 0, next = 1, down = width;
  if (turn == Turn::quarter) {
    first = (content.height - 1) * width, next = -width, down = 1;
  } else if (turn == Turn::half) {
    first = (content.height - 1) * width + content.width - 1, next = -1, down = -width;
  } else if (turn == Turn::three_quarters) {
    first = content.width - 1, next = width, down = -1;
  }
  const Size filled = turned(content, turn);
  const auto [columns, rows] = turned(size, turn);
  for (int channel = 0; channel < 3; ++channel, planes += plane) {
    const float pad = planes[plane - 1];  // unless all is filled
    for (int y = 0; y < rows; ++y, out += columns) {
      int x = 0;
      if (y < filled.height) {
        const float* from = planes + first + y * down;
        for (; x < filled.width; ++x) out[x] = from[x * next];
      }
      std::fill(out + x, out + columns, pad);
    }
  }
}

void turn_back(Faces& faces, Turn turn, Size image) {
  if (turn == Turn::none) return;
  faces.map(back_to_image(turn, image));
  turn_poses(faces, turn);
}

void tell_turn(Faces& faces, Turn turn) {
  std::fill_n(faces.add<std::int64_t>(turn_column()), faces.size(), 90 * static_cast<int>(turn));
}

float uprightness(const Faces& faces) {
  const float* scores = faces.get(columns::scores);
  const float* landmarks = faces.get(columns::landmarks);
  const std::int64_t* degrees = faces.get<std::int64_t>(turn_column());
  float most = 0;
  for (std::size_t i = 0; i < faces.size(); ++i) {
    if (landmarks != nullptr) {
      // From the image-left eye to the image-right one, in the image as it was turned.
      const float* eyes = landmarks + i * 2 * kLandmarks;
      float right = eyes[2] - eyes[0], down = eyes[3] - eyes[1];
      for (std::int64_t by = 0; degrees != nullptr && by < degrees[i]; by += 90) {
        right = -std::exchange(down, right);
      }
      if (std::abs(down) > right) continue;
    }
    most = std::max(most, scores[i]);
  }
  return most;
}

}  // namespace rostro
