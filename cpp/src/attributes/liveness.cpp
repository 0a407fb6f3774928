#include "rostro/liveness.hpp"

#include <algorithm>
#include <cmath>

#include "support/message.hpp"

namespace rostro {

namespace {

constexpr std::size_t kMostLiveClasses = 1000;
/// Int8 networks with a softmax of their own are off by a few thousandths.
constexpr double kSumTolerance = 0.02;

double sigmoid(double logit) {
  // As either way round, so that no large number is raised.
  const double small = std::exp(-std::fabs(logit));
  return logit < 0 ? small / (1 + small) : 1 / (1 + small);
}

}  // namespace

Liveness::Liveness(LivenessSettings settings) : settings_(std::move(settings)) {
  check_crop_rule(settings_.crop);
  const std::size_t classes = settings_.classes;
  if (classes < 1 || classes > kMostLiveClasses) {
    throw wrong("classes", classes, "1 to " + text(kMostLiveClasses) + " are wanted");
  }
  std::vector<std::size_t> live = settings_.live;
  std::sort(live.begin(), live.end());
  const bool twice = std::adjacent_find(live.begin(), live.end()) != live.end();
  if (twice || (!live.empty() && live.back() >= classes)) {
    throw wrong("live", twice ? std::string_view("a class twice") : "a class that is not there",
                "some of the " + text(classes) + " classes are wanted");
  }
  if (classes == 1) {
    if (settings_.codec == LivenessCodec::softmax) {
      throw wrong("activation", std::string_view("softmax of one class, which is always 1"),
                  "sigmoid is wanted, or none");
    }
    return;
  }
  if (settings_.codec == LivenessCodec::sigmoid) {
    throw wrong("activation", "sigmoid of " + text(classes) + " classes",
                "softmax is wanted, or none; sigmoid is for one class");
  }
  if (live.empty() || live.size() == classes) {
    throw wrong("live", live.size(),
                "at least one of the " + text(classes) + " classes is wanted, and not all");
  }
}

std::vector<Affine> Liveness::prepare(const ImageView& image, const Faces& faces, std::size_t begin,
                                      std::size_t count, float* tensor) const {
  return crop_faces(image, faces, begin, count, settings_.crop, tensor);
}

void Liveness::prepare(const ImageView& image, const Faces& faces, std::size_t begin,
                       std::size_t count, float* tensor, std::vector<Affine>& transforms) const {
  crop_faces(image, faces, begin, count, settings_.crop, tensor, transforms);
}

double Liveness::live(const float* numbers, std::size_t face) const {
  const std::size_t classes = settings_.classes;
  const double top = static_cast<double>(*std::max_element(numbers, numbers + classes));
  const auto share_of = [&](std::size_t k) {
    const double number = static_cast<double>(numbers[k]);
    return settings_.codec == LivenessCodec::softmax   ? std::exp(number - top)
           : settings_.codec == LivenessCodec::sigmoid ? sigmoid(number)
                                                       : number;
  };
  double sum = 0;
  for (std::size_t k = 0; k < classes; ++k) {
    const double share = share_of(k);
    // Also of NaN.
    if (!(share >= -kSumTolerance && share <= 1 + kSumTolerance)) {
      throw ModelMismatch(settings_.name + ": gave " + text(numbers[k]) + " for " +
                          entry("faces", face) +
                          "; probabilities, 0 to 1, are wanted where the card's "
                          "liveness.activation is none");
    }
    sum += share;
  }
  if (settings_.codec == LivenessCodec::probabilities && classes > 1 &&
      !(std::fabs(sum - 1) <= kSumTolerance)) {
    throw ModelMismatch(settings_.name + ": gave classes that sum to " +
                        text(static_cast<float>(sum)) + " for " + entry("faces", face) +
                        "; 1 is wanted where the card's liveness.activation is none");
  }
  if (classes == 1) return settings_.live.empty() ? 1 - share_of(0) : share_of(0);
  double live = 0;
  for (const std::size_t k : settings_.live) live += share_of(k);
  return live / sum;
}

void Liveness::finish(const OutputView& output, std::size_t count, float* live) const {
  const std::size_t numbers = output.planes * output.rows * output.columns;
  if (numbers != count * settings_.classes) {
    throw ModelMismatch(settings_.name + ": gave " + text(numbers) + " numbers for " + text(count) +
                        " faces; " + text(count * settings_.classes) +
                        " are wanted by its card's liveness.classes");
  }
  for (std::size_t i = 0; i < count; ++i) {
    const double share = this->live(output.data + i * settings_.classes, i);
    live[i] = static_cast<float>(std::clamp(share, 0.0, 1.0));
  }
}

void mean_live(const std::vector<std::vector<float>>& networks, float* live) {
  for (std::size_t i = 0; i < networks.front().size(); ++i) {
    double sum = 0;
    for (const auto& network : networks) sum += static_cast<double>(network[i]);
    live[i] = static_cast<float>(sum / static_cast<double>(networks.size()));
  }
}

}  // namespace rostro
