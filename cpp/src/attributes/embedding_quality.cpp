#include <algorithm>
#include <cmath>

#include "rostro/quality_network.hpp"
#include "support/message.hpp"

namespace rostro {

namespace {

double dot(const float* a, const float* b, std::size_t dim) {
  double sum = 0;
  for (std::size_t j = 0; j < dim; ++j)
    sum += static_cast<double>(a[j]) * static_cast<double>(b[j]);
  return sum;
}

}  // namespace

std::vector<float> center_of_embeddings(const float* embeddings, std::size_t count,
                                        std::size_t dim) {
  std::vector<double> sum(dim);
  for (std::size_t i = 0; i < count * dim; ++i) sum[i % dim] += static_cast<double>(embeddings[i]);
  double squares = 0;
  for (const double number : sum) squares += number * number;
  const double norm = std::sqrt(squares);
  if (!(norm > 1e-6) || !std::isfinite(norm)) {
    throw wrong("embeddings", text(count) + " with a mean of length " + text(norm),
                "at least one, with a mean that has a direction, is wanted");
  }
  std::vector<float> center(dim);
  std::transform(sum.begin(), sum.end(), center.begin(),
                 [norm](double number) { return static_cast<float>(number / norm); });
  return center;
}

void distances_to_center(const float* embeddings, std::size_t count, std::size_t dim,
                         const float* center, float* distances) {
  for (std::size_t i = 0; i < count; ++i) {
    distances[i] = static_cast<float>(1 - dot(embeddings + i * dim, center, dim));
  }
}

void mirror_halves(const std::uint8_t* crops, std::size_t count, Size size, std::uint8_t* halves) {
  const auto width = static_cast<std::size_t>(size.width);
  const std::size_t lines = static_cast<std::size_t>(size.height);
  const auto pixel = [](const std::uint8_t* from, std::uint8_t* to) { std::copy_n(from, 3, to); };
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t y = 0; y < lines; ++y) {
      const std::uint8_t* line = crops + 3 * width * (i * lines + y);
      std::uint8_t* left = halves + 3 * width * (2 * i * lines + y);
      std::uint8_t* right = left + 3 * width * lines;
      for (std::size_t x = 0; x < width; ++x) {
        const std::size_t other = width - 1 - x;
        pixel(line + 3 * std::min(x, other), left + 3 * x);
        pixel(line + 3 * std::max(x, other), right + 3 * x);
      }
    }
  }
}

void pair_similarities(const float* embeddings, std::size_t count, std::size_t dim,
                       float* similarities) {
  for (std::size_t i = 0; i < count; ++i) {
    const float* first = embeddings + 2 * i * dim;
    similarities[i] = static_cast<float>(dot(first, first + dim, dim));
  }
}

}  // namespace rostro
