#include "rostro/schemes.hpp"

#include <numeric>

#include "support/message.hpp"

namespace rostro {

namespace {

PointGroup range(std::uint16_t first, std::uint16_t count) {
  PointGroup group(count);
  std::iota(group.begin(), group.end(), first);
  return group;
}

const std::vector<Scheme>& schemes() {
  static const std::vector<Scheme> kSchemes = {
      {"five", 5, {{{0}, {1}, {2}, {3}, {4}}}, {0, 0}, {0, 0}},
      {"ibug68", 68, {{range(36, 6), range(42, 6), {30}, {48}, {54}}}, {36, 45}, {39, 42}},
      {"ibug66", 66, {{range(36, 6), range(42, 6), {30}, {48}, {54}}}, {36, 45}, {39, 42}},
      {"wflw98", 98, {{{96}, {97}, {54}, {76}, {82}}}, {60, 72}, {64, 68}},
      {"jd106", 106, {{{104}, {105}, {46}, {84}, {90}}}, {52, 61}, {55, 58}},
      // Without irises an eye is where the corners and the middles of its lids are.
      {"mesh468",
       468,
       {{{33, 133, 145, 159}, {263, 362, 374, 386}, {4}, {61}, {291}}},
       {33, 263},
       {133, 362}},
      {"mesh478", 478, {{{468}, {473}, {4}, {61}, {291}}}, {33, 263}, {133, 362}},
  };
  return kSchemes;
}

PointGroup concatenated(std::initializer_list<PointGroup> groups) {
  PointGroup all;
  for (const PointGroup& group : groups) all.insert(all.end(), group.begin(), group.end());
  return all;
}

/// The 68 points among WFLW's 98: every other one of the contour, the upper lines of the brows,
/// nose, six of the eight points of an eye, mouth.
PointGroup ibug68_of_wflw98() {
  PointGroup contour(17);
  for (std::uint16_t i = 0; i < 17; ++i) contour[i] = static_cast<std::uint16_t>(2 * i);
  return concatenated({contour,
                       range(33, 5),
                       range(42, 5),
                       range(51, 9),
                       {60, 61, 63, 64, 65, 67},
                       {68, 69, 71, 72, 73, 75},
                       range(76, 20)});
}

PointGroup ibug66_of(PointGroup ibug68) {
  ibug68.erase(ibug68.begin() + 64);
  ibug68.erase(ibug68.begin() + 60);
  return ibug68;
}

/// The points of one scheme that are those of the other; none where there is no such choice.
PointGroup subset(std::string_view from, std::string_view to) {
  if (from == to) return range(0, static_cast<std::uint16_t>(find_scheme(from).count));
  if (from == "wflw98" && to == "ibug68") return ibug68_of_wflw98();
  if (from == "wflw98" && to == "ibug66") return ibug66_of(ibug68_of_wflw98());
  if (from == "ibug68" && to == "ibug66") return ibug66_of(range(0, 68));
  if (from == "mesh478" && to == "mesh468") return range(0, 468);
  return {};
}

}  // namespace

const Scheme& find_scheme(std::string_view name) {
  std::string known;
  for (const Scheme& scheme : schemes()) {
    if (scheme.name == name) return scheme;
    list_quoted(known, scheme.name);
  }
  throw wrong("scheme", quoted(name), "one of " + known + " is wanted");
}

std::vector<PointGroup> scheme_conversion(std::string_view from, std::string_view to) {
  const Scheme& source = find_scheme(from);
  find_scheme(to);
  if (to == "five") return {source.landmarks.begin(), source.landmarks.end()};
  const PointGroup chosen = subset(from, to);
  if (chosen.empty()) {
    throw InvalidArgument("scheme: got " + quoted(from) + " to be converted to " + quoted(to) +
                          "; points of the one that are points of the other are wanted: \"five\" "
                          "of any, 68 or 66 of \"wflw98\", 66 of \"ibug68\", 468 of \"mesh478\"");
  }
  std::vector<PointGroup> groups;
  groups.reserve(chosen.size());
  for (const std::uint16_t index : chosen) groups.push_back({index});
  return groups;
}

void convert_points(const std::vector<PointGroup>& conversion, std::size_t from_count,
                    std::size_t faces, std::size_t sides, const float* points, float* out) {
  for (std::size_t face = 0; face < faces; ++face, points += from_count * sides) {
    for (const PointGroup& group : conversion) {
      for (std::size_t side = 0; side < sides; ++side, ++out) {
        float sum = 0;
        for (const std::uint16_t index : group) sum += points[index * sides + side];
        *out = sum / static_cast<float>(group.size());
      }
    }
  }
}

}  // namespace rostro
