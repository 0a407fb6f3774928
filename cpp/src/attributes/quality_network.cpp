#include "rostro/quality_network.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "rostro/align.hpp"
#include "support/message.hpp"

namespace rostro {

void check_quality_range(const QualityRange& range) {
  if (std::isfinite(range.low) && std::isfinite(range.high) && range.low != range.high) return;
  throw wrong("range", text(range.low) + " to " + text(range.high),
              "two finite numbers, not equal, are wanted");
}

void scale_quality(const float* numbers, std::size_t count, const QualityRange& range,
                   float* quality) {
  for (std::size_t i = 0; i < count; ++i) {
    const float share = (numbers[i] - range.low) / (range.high - range.low);
    quality[i] = std::isfinite(share) ? std::clamp(share, 0.0f, 1.0f) : 0.0f;
  }
}

QualityNetwork::QualityNetwork(QualityNetworkSettings settings) : settings_(std::move(settings)) {
  check_crop_rule(settings_.crop);
  check_quality_range(settings_.range);
  if (!settings_.crop_template.empty()) {
    template_ = find_template(settings_.crop_template, settings_.crop.size);
  }
}

void QualityNetwork::prepare(const ImageView& image, const Faces& faces, std::size_t begin,
                             std::size_t count, float* tensor) const {
  if (settings_.crop_template.empty()) {
    thread_local std::vector<Affine> transforms;
    crop_faces(image, faces, begin, count, settings_.crop, tensor, transforms);
    return;
  }
  if (begin > faces.size() || count > faces.size() - begin) {
    throw wrong("count", text(begin) + " + " + text(count),
                "faces of the table's " + text(faces.size()) + " are wanted");
  }
  const float* landmarks = faces.get(columns::landmarks);
  if (landmarks == nullptr && faces.size() > 0) {
    throw wrong("faces", std::string_view("a table without landmarks"),
                "landmarks are wanted, by which " + settings_.name + " has faces aligned");
  }
  const auto* points = reinterpret_cast<const Point*>(landmarks);
  align_f32(image, points + kLandmarks * begin, count, template_, settings_.crop.size,
            settings_.crop.input, tensor);
}

void QualityNetwork::finish(const OutputView& output, std::size_t count, float* quality) const {
  const std::size_t numbers = output.planes * output.rows * output.columns;
  if (numbers != count) {
    throw ModelMismatch(settings_.name + ": gave " + text(numbers) + " numbers for " + text(count) +
                        " faces; one a face is wanted of the output that its card's quality names");
  }
  scale_quality(output.data, count, settings_.range, quality);
}

}  // namespace rostro
