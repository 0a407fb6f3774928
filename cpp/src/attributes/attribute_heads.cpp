#include "attributes/attribute_heads.hpp"

#include <algorithm>
#include <cmath>

#include "support/finite.hpp"
#include "support/message.hpp"

namespace rostro {

namespace {

/// How far the sum of probabilities may be from 1: float16 rounds 100 of them by less.
constexpr float kOff = 0.01f;
/// Of a mask, whose pixels are bytes.
constexpr std::size_t kMostClasses = 256;

std::size_t size_of(const OutputView& output) {
  return output.planes * output.rows * output.columns;
}

bool has_maps(const AttributeHead& head) { return head.kind == AttributeKind::mask; }

float sigmoid(float logit) { return 1 / (1 + std::exp(-logit)); }

/// Numbers of a row.
std::size_t width(const AttributeHead& head) {
  return head.kind == AttributeKind::number ? 1 : head.count;
}

/// Probabilities of the head's numbers, which sum to 1.
void likely(const std::string& network, const AttributeHead& head, const float* numbers,
            float* out) {
  const std::size_t count = head.count;
  if (head.logits) {
    const float top = *std::max_element(numbers, numbers + count);
    float sum = 0;
    for (std::size_t i = 0; i < count; ++i) {
      out[i] = std::exp(numbers[i] - top);
      sum += out[i];
    }
    for (std::size_t i = 0; i < count; ++i) out[i] /= sum;
    return;
  }
  float sum = 0, least = 0;
  for (std::size_t i = 0; i < count; ++i) {
    out[i] = numbers[i];
    sum += numbers[i];
    least = std::min(least, numbers[i]);
  }
  if (!(std::fabs(sum - 1) <= kOff) || least < -kOff) {
    throw ModelMismatch(network + ": gave for " + head.name + " numbers from " + text(least) +
                        " on that sum to " + text(sum) +
                        "; probabilities that sum to 1 are wanted by its card, whose logits = true "
                        "says that they are none yet");
  }
}

void check_probability(const std::string& network, const AttributeHead& head, float number) {
  if (number >= -kOff && number <= 1 + kOff) return;
  throw ModelMismatch(network + ": gave for " + head.name + " " + text(number) +
                      "; 0 to 1 is wanted by its card, whose logits = true says that they are no "
                      "probabilities yet");
}

/// The mean of whole numbers from 0 on, each as likely as its bin says.
float mean_of_bins(const std::vector<float>& bins) {
  double mean = 0;
  for (std::size_t i = 0; i < bins.size(); ++i) {
    mean += static_cast<double>(i) * static_cast<double>(bins[i]);
  }
  return static_cast<float>(mean);
}

/// A direction as it is in the image of which a crop was taken.
void turn(const AttributeHead& head, const Affine& crop_to_image, float* v) {
  for (std::size_t i = 0; i < 3; ++i) v[i] *= static_cast<float>(head.signs[i]);
  const float right = crop_to_image.m[0], down = crop_to_image.m[3];
  const float length = std::hypot(right, down), c = right / length, s = down / length;
  const float x = v[0], y = v[1];
  v[0] = c * x - s * y;
  v[1] = s * x + c * y;
}

/// A vector of length 1; one of no length says no direction, and stays.
void make_unit(std::size_t count, float* v) {
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i)
    sum += static_cast<double>(v[i]) * static_cast<double>(v[i]);
  if (!(sum > 0)) return;
  const double length = std::sqrt(sum);
  for (std::size_t i = 0; i < count; ++i)
    v[i] = static_cast<float>(static_cast<double>(v[i]) / length);
}

/// For each pixel of some maps, which of them is the largest.
void largest(const AttributeHead& head, const float* map, std::size_t maps,
             std::vector<std::uint8_t>& best) {
  const std::size_t pixels = best.size();
  if (maps == 1) {
    const float least = head.logits ? 0.0f : 0.5f;
    for (std::size_t i = 0; i < pixels; ++i) best[i] = map[i] > least ? 1 : 0;
    return;
  }
  thread_local std::vector<float> top;
  top.assign(map, map + pixels);
  std::fill(best.begin(), best.end(), std::uint8_t{0});
  for (std::size_t c = 1; c < maps; ++c) {
    map += pixels;
    for (std::size_t i = 0; i < pixels; ++i) {
      if (map[i] > top[i]) {
        top[i] = map[i];
        best[i] = static_cast<std::uint8_t>(c);
      }
    }
  }
}

}  // namespace

void check_head(const AttributeHead& head) {
  const auto refuse = [&](const std::string& got, const std::string& wanted) {
    throw wrong("head " + quoted(head.name), std::string_view(got), wanted);
  };
  if (head.name.empty()) refuse("no name", "one is wanted");
  const std::size_t least = head.kind == AttributeKind::classes || has_maps(head) ? 2 : 1;
  if (head.count < least) refuse(text(head.count) + " names", text(least) + " or more are wanted");
  if (has_maps(head) && head.count > kMostClasses) {
    refuse(text(head.count) + " classes", "at most 256 are wanted of a mask");
  }
  if (has_maps(head) && head.first) {
    refuse("first = " + text(*head.first), "none is wanted of a mask, which takes all maps");
  }
  for (const std::size_t covering : head.covers) {
    if (has_maps(head) && covering < head.count) continue;
    refuse("covers = " + text(covering), "classes of a mask are wanted");
  }
  if (!std::isfinite(head.scale) || !std::isfinite(head.offset)) {
    refuse(text(head.scale) + " and " + text(head.offset), "a finite scale and offset are wanted");
  }
  if (head.direction && (head.kind != AttributeKind::vector || head.count != 3)) {
    refuse("a direction of " + text(head.count) + " numbers", "a vector of 3 is wanted");
  }
  for (const int sign : head.signs) {
    if (sign != 1 && sign != -1) refuse(text(sign), "signs of 1 or -1 are wanted");
  }
}

void check_output(const std::string& network, const AttributeHead& head, const OutputView& output,
                  std::size_t rows) {
  const auto refuse = [&](const std::string& got, const std::string& wanted) {
    throw ModelMismatch(network + ": gave for " + head.name + " " + got + " for " + text(rows) +
                        " crops; " + wanted);
  };
  const std::size_t size = size_of(output);
  if (has_maps(head)) {
    const std::size_t maps = output.planes / rows;
    const bool fits = maps == head.count || (maps == 1 && head.count == 2);
    if (output.planes % rows == 0 && output.rows > 1 && output.columns > 1 && fits) return;
    refuse(text(output.planes) + " maps of " + text(output.columns) + "x" + text(output.rows),
           text(head.count) + " of 2x2 or more a crop are wanted by the names of its card");
  }
  const std::size_t of_row = size / rows;
  const bool fits = head.first ? of_row >= *head.first + head.count : of_row == head.count;
  if (size % rows == 0 && fits) return;
  const std::string wanted =
      head.first ? text(*head.first + head.count) + " or more" : text(head.count);
  refuse(text(size) + " numbers", wanted + " a crop are wanted by its card");
}

void decode_head(const std::string& network, const AttributeHead& head, const OutputView& output,
                 const std::vector<Affine>& transforms, float* out) {
  const std::size_t count = width(head), of_row = size_of(output) / transforms.size();
  const bool has_bins = head.kind == AttributeKind::number && head.count > 1;
  thread_local std::vector<float> bins;
  bins.resize(has_bins ? head.count : 0);
  const float* numbers = output.data + head.first.value_or(0);
  for (const Affine& transform : transforms) {
    if (head.kind == AttributeKind::classes) {
      likely(network, head, numbers, out);
    } else if (head.kind == AttributeKind::flags) {
      for (std::size_t i = 0; i < count; ++i) {
        if (!head.logits) check_probability(network, head, numbers[i]);
        out[i] = head.logits ? sigmoid(numbers[i]) : numbers[i];
      }
    } else {
      if (has_bins) likely(network, head, numbers, bins.data());
      for (std::size_t i = 0; i < count; ++i) {
        out[i] = (has_bins ? mean_of_bins(bins) : numbers[i]) * head.scale + head.offset;
      }
      if (head.direction) turn(head, transform, out);
      if (head.unit) make_unit(count, out);
    }
    if (!all_finite(out, count)) {
      throw NetworkError(network + ": gave for " + head.name +
                         " what is not finite; the weights are damaged, or too large for the "
                         "precision that they are computed in");
    }
    numbers += of_row;
    out += count;
  }
}

void decode_mask(const AttributeHead& head, const OutputView& output, std::size_t rows, Size size,
                 std::uint8_t* out) {
  const std::size_t pixels = output.rows * output.columns, maps = output.planes / rows;
  const auto across = static_cast<std::size_t>(size.width);
  const auto down = static_cast<std::size_t>(size.height);
  thread_local std::vector<std::uint8_t> best;
  best.resize(pixels);
  for (std::size_t row = 0; row < rows; ++row) {
    largest(head, output.data + row * maps * pixels, maps, best);
    for (std::size_t y = 0; y < down; ++y) {
      const std::size_t line = (2 * y + 1) * output.rows / (2 * down);
      for (std::size_t x = 0; x < across; ++x) {
        *out++ = best[line * output.columns + (2 * x + 1) * output.columns / (2 * across)];
      }
    }
  }
}

}  // namespace rostro
