#include "rostro/embedder.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "geometry/crop_size.hpp"
#include "image/tensor_format.hpp"
#include "rostro/align.hpp"
#include "rostro/crop.hpp"
#include "rostro/letterbox.hpp"
#include "rostro/match.hpp"
#include "rostro/similarity.hpp"
#include "support/message.hpp"

namespace rostro {

namespace {

/// Where image-left and image-right landmarks are once an image is mirrored.
constexpr std::size_t kMirrored[kLandmarks] = {1, 0, 2, 4, 3};

Point moved(const Affine& transform, Point point) {
  const float* m = transform.m;
  return {m[0] * point.x + m[1] * point.y + m[2], m[3] * point.x + m[4] * point.y + m[5]};
}

/// The mean of tokens from `first` on to before `last`, `dim` numbers each.
void mean_of_tokens(const float* tokens, std::size_t first, std::size_t last, std::size_t dim,
                    float* out) {
  for (std::size_t j = 0; j < dim; ++j) {
    double sum = 0;
    for (std::size_t t = first; t < last; ++t) sum += static_cast<double>(tokens[t * dim + j]);
    out[j] = static_cast<float>(sum / static_cast<double>(last - first));
  }
}

}  // namespace

Embedder::Embedder(EmbedderSettings settings) : settings_(std::move(settings)) {
  if (settings_.dim < 1 || settings_.dim > kMaxDim) {
    throw wrong("dim", settings_.dim, "1 to " + text(kMaxDim) + " is wanted");
  }
  check_crop_size(settings_.size);
  channel_scales(settings_.input);
  if (settings_.own_template) {
    template_ = scale_template(*settings_.own_template, settings_.size);
  } else if (settings_.crop_template != "box") {
    template_ = find_template(settings_.crop_template, settings_.size);
  } else if (settings_.landmarks) {
    throw wrong("landmarks", std::string_view("a second input beside \"box\" crops"),
                "a crop template is wanted, by which they are placed");
  }
}

const Point* Embedder::landmarks_of(const Faces& faces) const {
  const float* landmarks = faces.get(columns::landmarks);
  if (landmarks == nullptr && faces.size() > 0) {
    throw wrong("faces", std::string_view("a table without landmarks"),
                "landmarks are wanted, by which " + settings_.name +
                    " has faces aligned: of a detector that gives them, or of a stage before");
  }
  return reinterpret_cast<const Point*>(landmarks);
}

void Embedder::prepare(const ImageView& image, const Faces& faces, std::size_t begin,
                       std::size_t count, float* tensor, float* points) const {
  if (begin > faces.size() || count > faces.size() - begin) {
    throw wrong("count", text(begin) + " + " + text(count),
                "faces of the table's " + text(faces.size()) + " are wanted");
  }
  if (settings_.crop_template == "box") {
    const float* boxes = faces.get(columns::boxes);
    crop_boxes_f32(image, boxes + 4 * begin, count, settings_.size, settings_.input, tensor);
  } else {
    const Point* landmarks = landmarks_of(faces) + kLandmarks * begin;
    align_f32(image, landmarks, count, template_, settings_.size, settings_.input, tensor);
    for (std::size_t i = 0; settings_.landmarks && i < count; ++i) {
      const Point* face = landmarks + kLandmarks * i;
      const Affine to_crop = estimate_similarity(face, template_.points, kLandmarks);
      for (std::size_t p = 0; p < kLandmarks; ++p) {
        const Point at = moved(to_crop, face[p]);
        *points++ = at.x / static_cast<float>(settings_.size.width);
        *points++ = at.y / static_cast<float>(settings_.size.height);
      }
    }
    if (settings_.landmarks) points -= 2 * kLandmarks * count;
  }
  if (settings_.flip) mirror(count, tensor, points);
}

void Embedder::prepare_crops(const std::uint8_t* crops, std::size_t count, ChannelOrder channels,
                             const Point* landmarks, float* tensor, float* points) const {
  const auto [width, height] = settings_.size;
  const std::size_t pixels = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  const PixelFormat format = channels == ChannelOrder::rgb ? PixelFormat::rgb : PixelFormat::bgr;
  for (std::size_t i = 0; i < count; ++i) {
    const ImageView crop{crops + 3 * pixels * i, settings_.size, 3 * width, format};
    letterbox_f32(crop, {settings_.size}, settings_.input, tensor + 3 * pixels * i);
  }
  for (std::size_t p = 0; settings_.landmarks && p < kLandmarks * count; ++p) {
    points[2 * p] = landmarks[p].x / static_cast<float>(width);
    points[2 * p + 1] = landmarks[p].y / static_cast<float>(height);
  }
  if (settings_.flip) mirror(count, tensor, points);
}

void Embedder::crops(const ImageView& image, const Faces& faces, ChannelOrder channels,
                     std::uint8_t* out) const {
  if (settings_.crop_template == "box") {
    crop_boxes_u8(image, faces.get(columns::boxes), faces.size(), settings_.size, channels, out);
  } else {
    align_u8(image, landmarks_of(faces), faces.size(), template_, settings_.size, channels, out);
  }
}

void Embedder::finish(const OutputView& output, std::size_t count, float* embeddings,
                      float* norms) const {
  const std::size_t dim = settings_.dim;
  if (settings_.token != EmbeddingToken::none) {
    const std::vector<float>& chosen = token_of(output, count);
    finish_rows(chosen.data(), count, embeddings, norms);
    return;
  }
  if (output.planes != 1 || output.rows != rows(count) || output.columns != dim) {
    throw ModelMismatch(settings_.name + ": gave (" + text(output.planes * output.rows) + ", " +
                        text(output.columns) + ") numbers for " + text(rows(count)) + " crops; (" +
                        text(rows(count)) + ", " + text(dim) + ") are wanted by its card's dim");
  }
  finish_rows(output.data, count, embeddings, norms);
}

const std::vector<float>& Embedder::token_of(const OutputView& output, std::size_t count) const {
  const std::size_t dim = settings_.dim, crops = rows(count), tokens = output.rows;
  if (output.planes != crops || tokens < 2 || output.columns != dim) {
    throw ModelMismatch(settings_.name + ": gave (" + text(output.planes) + ", " + text(tokens) +
                        ", " + text(output.columns) + ") numbers for " + text(crops) + " crops; (" +
                        text(crops) + ", tokens, " + text(dim) +
                        ") are wanted by its card's dim and token");
  }
  thread_local std::vector<float> chosen;
  chosen.resize(crops * dim);
  const std::size_t first = settings_.token == EmbeddingToken::patches ? 1 : 0;
  const std::size_t last = settings_.token == EmbeddingToken::first ? 1 : tokens;
  for (std::size_t i = 0; i < crops; ++i) {
    mean_of_tokens(output.data + i * tokens * dim, first, last, dim, chosen.data() + i * dim);
  }
  return chosen;
}

void Embedder::finish_rows(const float* output, std::size_t count, float* embeddings,
                           float* norms) const {
  const std::size_t dim = settings_.dim;
  for (std::size_t i = 0; i < count; ++i) {
    const float* row = output + i * dim;
    const float* mirrored = row + count * dim;  // of the same face, with `flip`
    float* to = embeddings + i * dim;
    double sum = 0;
    for (std::size_t j = 0; j < dim; ++j) {
      to[j] = settings_.flip ? 0.5f * (row[j] + mirrored[j]) : row[j];
      sum += static_cast<double>(to[j]) * static_cast<double>(to[j]);
    }
    norms[i] = static_cast<float>(std::sqrt(sum));
    if (!(norms[i] > 0) || !std::isfinite(norms[i])) {
      throw NetworkError(settings_.name + ": an embedding of norm " + text(norms[i]) +
                         "; the weights are damaged, or too large for the precision that they are "
                         "computed in");
    }
    for (std::size_t j = 0; j < dim; ++j) to[j] /= norms[i];
  }
}

void Embedder::mirror(std::size_t count, float* tensor, float* points) const {
  const auto width = static_cast<std::size_t>(settings_.size.width);
  const std::size_t lines = 3 * count * static_cast<std::size_t>(settings_.size.height);
  float* to = tensor + lines * width;
  for (const float* line = tensor; line != tensor + lines * width; line += width, to += width) {
    std::reverse_copy(line, line + width, to);
  }
  if (!settings_.landmarks) return;
  const std::size_t mirrored = 2 * kLandmarks * count;  // where the mirror images' points begin
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t p = 0; p < kLandmarks; ++p) {
      // A landmark's place moves to the other side, and its name is that of the other side.
      const float* from = points + 2 * (kLandmarks * i + kMirrored[p]);
      float* const moved_to = points + mirrored + 2 * (kLandmarks * i + p);
      moved_to[0] = 1 - from[0];
      moved_to[1] = from[1];
    }
  }
}

}  // namespace rostro
