#include "detect/tiles.hpp"

#include <algorithm>
#include <utility>

#include "support/message.hpp"

namespace rostro {

namespace {

// A box that ends so near a cut, as a part of its longer side, may be of a face that the cut
// halves.
constexpr float kNear = 0.05f;

// Somebody who asks for more has mistaken pixels for something else; so many take 50 MB to list.
constexpr std::size_t kMostTiles = 1 << 20;

/// Begin and end of the tiles along one side of an image.
std::vector<std::pair<int, int>> spans(int side, int tile, int overlap) {
  if (side <= tile) return {{0, side}};
  const int count = 1 + (side - tile + tile - overlap - 1) / (tile - overlap);
  // Begins and ends are even, as the pairs of pixels of YUV ask for; so a tile may be a pixel
  // longer.
  const auto begin_of = [&](int i) {
    return static_cast<int>(static_cast<std::int64_t>(i) * (side - tile) / (count - 1) / 2 * 2);
  };
  const int last = begin_of(count - 1);
  std::vector<std::pair<int, int>> result;
  for (int i = 0; i + 1 < count; ++i) {
    const int begin = begin_of(i);
    const bool known = !result.empty() && result.back().first == begin;
    if (begin != last && !known) result.emplace_back(begin, begin + (tile + 1) / 2 * 2);
  }
  result.emplace_back(last, side);
  return result;
}

}  // namespace

void check_tiling(const Tiling& tiling) {
  const int shorter = std::min(tiling.size.width, tiling.size.height);
  if (shorter < 2) throw wrong("tile", tiling.size, "sides of at least 2 pixels are wanted");
  if (tiling.overlap < 0 || tiling.overlap >= shorter) {
    throw wrong("overlap", tiling.overlap,
                "0 to less than the shorter side of a tile, " + text(shorter) + ", is wanted");
  }
}

std::vector<DetectorView> tiles(const Tiling& tiling, Size image) {
  const auto [width, height] = tiling.size;
  if (image.width <= width && image.height <= height) return {};
  std::vector<DetectorView> result;
  const auto cut = [](int at, int end) { return at == end ? kNoCut : static_cast<float>(at); };
  const auto rows = spans(image.height, height, tiling.overlap);
  const auto columns = spans(image.width, width, tiling.overlap);
  if (rows.size() * columns.size() > kMostTiles) {
    throw wrong("tile", tiling.size,
                "one that cuts an image of " + text(image) + " pixels into at most " +
                    text(kMostTiles) + " tiles is wanted");
  }
  for (const auto& [top, bottom] : rows) {
    for (const auto& [left, right] : columns) {
      result.push_back({left,
                        top,
                        {right - left, bottom - top},
                        {},
                        {left == 0 ? -kNoCut : static_cast<float>(left),
                         top == 0 ? -kNoCut : static_cast<float>(top), cut(right, image.width),
                         cut(bottom, image.height)}});
    }
  }
  return result;
}

void keep_whole(Faces& found, const DetectorView& view) {
  if (view.left != 0 || view.top != 0) {
    found.map({{1, 0, static_cast<float>(view.left), 0, 1, static_cast<float>(view.top)}});
  }
  const float* box = found.get(columns::boxes);
  thread_local std::vector<std::int64_t> whole;
  whole.clear();
  for (std::size_t i = 0; i < found.size(); ++i, box += 4) {
    const float near = kNear * std::max({box[2] - box[0], box[3] - box[1], 0.0f});
    if (box[0] - near >= view.cuts[0] && box[1] - near >= view.cuts[1] &&
        box[2] + near <= view.cuts[2] && box[3] + near <= view.cuts[3]) {
      whole.push_back(static_cast<std::int64_t>(i));
    }
  }
  if (whole.size() == found.size()) return;
  thread_local Faces kept;
  found.select(whole, kept);
  std::swap(found, kept);
}

}  // namespace rostro
