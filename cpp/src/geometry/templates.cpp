#include "rostro/templates.hpp"

#include <cmath>

#include "geometry/crop_size.hpp"
#include "support/message.hpp"

namespace rostro {

namespace {

struct NamedTemplate {
  std::string_view name;
  int size;
  CropTemplate landmarks;
};

constexpr NamedTemplate kTemplates[] = {
    {"arcface",
     112,
     {{{38.2946f, 51.6963f},
       {73.5318f, 51.5014f},
       {56.0252f, 71.7366f},
       {41.5493f, 92.3655f},
       {70.7299f, 92.2041f}}}},
    {"ffhq",
     512,
     {{{192.98f, 239.95f},
       {318.90f, 240.19f},
       {256.63f, 314.02f},
       {201.26f, 371.41f},
       {313.09f, 371.15f}}}},
};

}  // namespace

void check_crop_size(Size size) {
  const auto usable = [](int side) { return side >= 1 && side <= 4096; };
  if (usable(size.width) && usable(size.height)) return;
  throw wrong("size", size, "sides of 1 to 4096 pixels are wanted");
}

CropTemplate find_template(std::string_view name, Size size) {
  check_crop_size(size);
  std::string known;
  for (const NamedTemplate& candidate : kTemplates) {
    if (candidate.name == name) {
      // Crops of 128 pixels are those of 112 with a margin of 8 on either side and 16 below, as the
      // networks made for them were trained.
      const int side = size.height;
      const bool wide = name == "arcface" && side % 128 == 0 && side % candidate.size != 0;
      const float ratio =
          static_cast<float>(side) / static_cast<float>(wide ? 128 : candidate.size);
      const float shift = static_cast<float>(size.width - side) / 2;
      CropTemplate scaled = candidate.landmarks;
      for (Point& point : scaled.points) {
        point = {(point.x + (wide ? 8.0f : 0.0f)) * ratio + shift, point.y * ratio};
      }
      return scaled;
    }
    list_quoted(known, candidate.name);
  }
  throw wrong("template", quoted(name), "one of " + known + " is wanted");
}

CropTemplate scale_template(const CropTemplate& shares, Size size) {
  check_crop_size(size);
  CropTemplate scaled = shares;
  bool apart = false;
  for (Point& point : scaled.points) {
    if (!std::isfinite(point.x) || !std::isfinite(point.y)) {
      throw wrong("template", std::string_view("a point that is not finite"),
                  "points in 0..1 of the crop are wanted");
    }
    apart = apart || point.x != shares.points[0].x || point.y != shares.points[0].y;
    point = {point.x * static_cast<float>(size.width), point.y * static_cast<float>(size.height)};
  }
  if (!apart) {
    throw wrong("template", std::string_view("five points in one place"),
                "points in 0..1 of the crop are wanted");
  }
  return scaled;
}

}  // namespace rostro
