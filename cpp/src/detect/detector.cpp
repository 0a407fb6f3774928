#include "rostro/detector.hpp"

#include <algorithm>
#include <numeric>

#include "detect/sorted_boxes.hpp"
#include "detect/tiles.hpp"
#include "detect/turn.hpp"
#include "image/pixel_formats.hpp"
#include "rostro/letterbox.hpp"
#include "rostro/nms.hpp"
#include "support/aligned_vector.hpp"
#include "support/finite.hpp"
#include "support/message.hpp"

namespace rostro {

namespace {

constexpr const char* kRemedy =
    "the weights are damaged, or too large for the precision that they are computed in";

std::string listed(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list_quoted(list, name);
  return list;
}

/// The place among the network's outputs of each that the head has, in the head's order.
std::vector<std::size_t> output_order(const DetectorSettings& settings) {
  const auto& given = settings.network_outputs;
  std::vector<std::size_t> order;
  for (const std::string& name : settings.outputs.empty() ? given : settings.outputs) {
    const auto place = std::find(given.begin(), given.end(), name);
    if (place == given.end())
      throw wrong("outputs", quoted(name),
                  "names of the network's outputs are wanted, " + listed(given));
    order.push_back(static_cast<std::size_t>(place - given.begin()));
  }
  return order;
}

void check_fraction(const char* name, float value) {
  if (!(value >= 0.0f && value <= 1.0f)) throw wrong(name, value, "a number from 0 to 1 is wanted");
}

LetterboxLayout layout_of(const DetectorSettings& settings, const DetectorView& view) {
  return {view.input, settings.sizes.upscale(), settings.pad};
}

/// The size of a view as the network sees it.
Size seen_size(const DetectorView& view) { return turned(view.size, turn_of(view)); }

/// Numbers that are finite may give faces that are not.
void check_finite(const std::string& name, const Faces& faces) {
  faces.each([&](const Faces::Entry& entry) {
    const auto& numbers = std::get<std::vector<float>>(entry.numbers);
    if (all_finite(numbers.data(), numbers.size())) return;
    throw NetworkError(name + ": its outputs give " + entry.column.name +
                       " that are NaN or infinite; " + kRemedy);
  });
}

}  // namespace

Detector::Detector(DetectorSettings settings)
    : settings_(std::move(settings)), order_(output_order(settings_)) {
  head_ = &find_head(settings_.head, order_.size());
  if (order_.size() != most_outputs(*head_) && order_.size() != fewest_outputs(*head_)) {
    throw wrong("outputs", order_.size(),
                "the " + text(most_outputs(*head_)) + " of the head " + quoted(settings_.head) +
                    " are wanted");
  }
  check_fraction("score_threshold", settings_.score_threshold);
  check_fraction("nms_threshold", settings_.nms_threshold);
  if (settings_.tiling) {
    check_tiling(*settings_.tiling);
    // Its poses are told in the camera of the picture that it sees.
    if (head_->codec == Codec::proposal) {
      throw InvalidArgument("tile: got one; the head " + quoted(settings_.head) +
                            " wants whole images");
    }
  }
  settings_.sizes.check();
  settings_.sizes.step = std::lcm(settings_.sizes.step, head_->size_step);
}

std::vector<DetectorView> Detector::views(const ImageView& image, std::optional<Turn> turn) const {
  check_image(image);
  const Turn by = turn.value_or(Turn::none);
  const float far = kNoCut;
  std::vector<DetectorView> views = {
      {0, 0, image.size, settings_.sizes(turned(image.size, by)), {-far, -far, far, far}, turn}};
  if (!settings_.tiling) return views;
  for (DetectorView& tile : tiles(*settings_.tiling, image.size)) {
    tile.input = settings_.sizes(turned(tile.size, by));
    tile.turn = turn;
    views.push_back(tile);
  }
  return views;
}

void Detector::prepare(const ImageView& image, const DetectorView& view, float* tensor) const {
  const Turn turn = turn_of(view);
  LetterboxLayout layout = layout_of(settings_, view);
  const ImageView part = part_of(image, {view.left, view.top, view.size});
  if (turn == Turn::none) {
    letterbox_f32(part, layout, settings_.input, tensor);
    return;
  }
  // The tensor is turned, not the image: that is the same for every format of pixels.
  layout.target = turned(view.input, turn);
  thread_local AlignedVector<float> as_it_is;
  as_it_is.resize(3 * static_cast<std::size_t>(view.input.width) *
                  static_cast<std::size_t>(view.input.height));
  letterbox_f32(part, layout, settings_.input, as_it_is.data());
  turn_planes(as_it_is.data(), layout.target, letterbox_content(view.size, layout), turn, tensor);
}

Faces Detector::finish(const DetectorView& view, const std::vector<OutputView>& outputs) const {
  Faces found;
  finish(view, outputs, found);
  return found;
}

void Detector::finish(const DetectorView& view, const std::vector<OutputView>& outputs,
                      Faces& found) const {
  if (outputs.size() != settings_.network_outputs.size()) {
    throw ModelMismatch(settings_.name + ": gave " + text(outputs.size()) + " outputs; " +
                        text(settings_.network_outputs.size()) + " are wanted");
  }
  const std::size_t bad = find_not_finite(outputs);
  if (bad < outputs.size()) {
    throw NetworkError(settings_.name + ": its output " + settings_.network_outputs[bad] +
                       " holds NaN or infinity; " + kRemedy);
  }
  thread_local std::vector<OutputView> ordered;  // its memory serves from call to call
  thread_local Faces decoded;
  ordered.clear();
  for (const std::size_t place : order_) ordered.push_back(outputs[place]);
  try {
    // The camera of proposals is that of the picture, without what is padded.
    const Size seen = head_->codec == Codec::proposal
                          ? letterbox_content(seen_size(view), layout_of(settings_, view))
                          : view.input;
    decode(*head_, ordered, seen, settings_.score_threshold, settings_.top_k, decoded,
           settings_.poses);
  } catch (const InvalidArgument& error) {
    throw ModelMismatch(settings_.name + ": is this its head? " + error.what());
  }
  check_finite(settings_.name, decoded);
  suppress(decoded, found);
  // The scale alone, without the offset of pixels' centres: networks learn from boxes and points
  // that were multiplied by it (docs/measured/small-faces.md).
  const LetterboxTransform back = letterbox_transform(seen_size(view), layout_of(settings_, view));
  found.map({{back.scale_x, 0, 0, 0, back.scale_y, 0}});
  check_finite(settings_.name, found);  // weighted sums and the scale may have been too much
  if (view.turn) {
    turn_back(found, *view.turn, view.size);
    tell_turn(found, *view.turn);
  }
  keep_whole(found, view);
}

Faces Detector::join(std::vector<Faces> parts) const {
  if (parts.size() == 1) return std::move(parts.front());
  Faces all;
  join(parts, all);
  return all;
}

void Detector::join(const std::vector<Faces>& parts, Faces& all) const {
  thread_local Faces together;
  concatenate(parts, together);
  suppress(together, all);
}

void Detector::suppress(const Faces& found, Faces& kept_faces) const {
  if (settings_.nms == NmsMethod::weighted) {
    nms_weighted(found, settings_.nms_threshold, found.size(), kept_faces);
    return;
  }
  thread_local std::vector<std::int64_t> kept;
  nms_hard(found.get(columns::boxes), found.get(columns::scores), found.size(),
           settings_.nms_threshold, found.size(), kept);
  found.select(kept, kept_faces);
}

}  // namespace rostro
