#include <cstdint>

#include "detect/sorted_boxes.hpp"
#include "rostro/nms.hpp"
#include "simd/dispatch.hpp"
#include "support/message.hpp"

namespace rostro {

namespace {

/// A face that is merged into a kept one; each kept face is the first of its own.
struct Member {
  std::size_t face;
  std::size_t kept;
};

/// What of the kept faces lies in the image becomes the mean of its members.
void average(const Faces::Entry& entry, const std::vector<Member>& members, const float* weights,
             std::size_t kept, float* means) {
  const std::size_t width = entry.width();
  const float* numbers = std::get<std::vector<float>>(entry.numbers).data();
  thread_local std::vector<double> sums, totals;
  sums.assign(kept * width, 0.0);
  totals.assign(kept, 0.0);
  for (const Member& member : members) {
    const double weight = static_cast<double>(weights[member.face]);
    totals[member.kept] += weight;
    const float* from = numbers + member.face * width;
    double* to = sums.data() + member.kept * width;
    for (std::size_t i = 0; i < width; ++i) to[i] += weight * static_cast<double>(from[i]);
  }
  for (std::size_t i = 0; i < kept * width; ++i) {
    const double total = totals[i / width];
    if (total > 0.0) means[i] = static_cast<float>(sums[i] / total);
  }
}

}  // namespace

Faces nms_weighted(const Faces& found, float iou_threshold, std::size_t top_k) {
  Faces merged;
  nms_weighted(found, iou_threshold, top_k, merged);
  return merged;
}

void nms_weighted(const Faces& found, float iou_threshold, std::size_t top_k, Faces& merged) {
  check_iou_threshold(iou_threshold);
  const float* boxes = found.get(columns::boxes);
  const float* scores = found.get(columns::scores);
  if (!found.has(columns::boxes) || !found.has(columns::scores)) {
    throw InvalidArgument("found: got a table without boxes or scores; one with both is wanted");
  }
  thread_local SortedBoxes sorted;
  thread_local std::vector<std::uint8_t> taken;
  sorted.assign(boxes, scores, found.size());
  taken.assign(sorted.size(), 0);
  const KernelTable& kernel = kernels();
  thread_local std::vector<std::int64_t> kept;
  thread_local std::vector<Member> members;
  kept.clear();
  members.clear();
  for (std::size_t i = 0; i < sorted.size() && kept.size() < top_k; ++i) {
    if (taken[i] != 0) continue;
    members.push_back({sorted.index(i), kept.size()});
    const auto covered = sorted.overlapping(kernel, i, i + 1, iou_threshold);
    for (std::size_t j = 0; j < covered.count; ++j) {
      const std::size_t rank = covered.begin + covered.data[j];
      if (taken[rank] == 0) members.push_back({sorted.index(rank), kept.size()});
      taken[rank] = 1;
    }
    kept.push_back(sorted.index(i));
  }
  found.select(kept, merged);
  found.each([&](const Faces::Entry& entry) {
    if (entry.column.kind == ColumnKind::value) return;
    average(entry, members, scores, kept.size(), merged.get(entry.column));
  });
}

}  // namespace rostro
