#include "rostro/camera.hpp"

#include <cmath>

#include "geometry/angles.hpp"
#include "support/message.hpp"

namespace rostro {

Camera Camera::assumed(Size size, double hfov) {
  if (size.width < 1 || size.height < 1) {
    throw wrong("size", size, "that of an image is wanted, 1x1 pixels at least");
  }
  if (!(hfov > 0 && hfov < 180)) {
    throw wrong("hfov", hfov, "degrees between 0 and 180 are wanted");
  }
  const double focal = 0.5 * size.width / std::tan(radians(hfov) / 2);
  return {focal, focal, 0.5 * (size.width - 1), 0.5 * (size.height - 1)};
}

void check_camera(const Camera& camera) {
  const auto focal = [](const char* name, double length) {
    if (!(length > 0) || !std::isfinite(length)) {
      throw wrong(name, length, "a focal length in pixels above 0 is wanted");
    }
  };
  const auto center = [](const char* name, double place) {
    if (!std::isfinite(place)) throw wrong(name, place, "a finite pixel coordinate is wanted");
  };
  focal("fx", camera.fx);
  focal("fy", camera.fy);
  center("cx", camera.cx);
  center("cy", camera.cy);
}

}  // namespace rostro
