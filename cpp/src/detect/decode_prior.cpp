#include <algorithm>
#include <cmath>

#include "detect/codecs.hpp"

namespace rostro {

void decode_prior(const HeadFrame& frame, const Anchor& anchor, float* box, float* landmarks) {
  const PriorRule& rule = frame.head().prior;
  const Grid& grid = frame.grid(anchor.level);
  const auto input_width = static_cast<float>(frame.input().width);
  const auto input_height = static_cast<float>(frame.input().height);
  const float s = anchor.stride;
  const float step_x = rule.spread ? input_width / static_cast<float>(grid.columns) : s;
  const float step_y = rule.spread ? input_height / static_cast<float>(grid.rows) : s;
  float x = anchor.column * step_x + (rule.center > 0 ? rule.center : 0.5f * step_x);
  float y = anchor.row * step_y + (rule.center > 0 ? rule.center : 0.5f * step_y);
  float width = grid.level.sizes[anchor.index];
  float height = width;
  if (rule.clamped) {
    x = std::min(x, input_width);
    y = std::min(y, input_height);
    width = std::min(width, input_width);
    height = std::min(height, input_height);
  }

  const Numbers b = frame.numbers(Kind::boxes, anchor);
  const float beyond = rule.inclusive ? 1.0f : 0.0f;
  put_box(x + b[0] * rule.center_variance * width, y + b[1] * rule.center_variance * height,
          width * std::exp(b[2] * rule.size_variance) - beyond,
          height * std::exp(b[3] * rule.size_variance) - beyond, box);
  if (landmarks == nullptr) return;
  const Numbers k = frame.numbers(Kind::points, anchor);
  for (std::size_t i = 0; i < kLandmarks; ++i) {
    landmarks[2 * i] = x + k[2 * i] * rule.center_variance * width;
    landmarks[2 * i + 1] = y + k[2 * i + 1] * rule.center_variance * height;
  }
}

}  // namespace rostro
