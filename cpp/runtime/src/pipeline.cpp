#include "rostro/runtime/pipeline.hpp"

#include <cstdlib>

#include "guarded.hpp"
#include "image/pixel_formats.hpp"
#include "once.hpp"

namespace rostro {

namespace {

/// The core takes any stride, as NumPy's views have them; rows of a camera do not overlap.
void check_frame(const ImageView& image) {
  check_image(image);
  const auto check = [](std::ptrdiff_t stride, std::ptrdiff_t row) {
    if (std::abs(stride) >= row) return;
    throw InvalidArgument("image: got rows " + std::to_string(stride) +
                          " bytes apart; at least the " + std::to_string(row) +
                          " of a row are wanted");
  };
  const std::ptrdiff_t width = image.size.width;
  check(image.row_stride, width * bytes_per_pixel(image.format));
  for (const ChromaPlane& plane : image.chroma) {
    if (plane.data == nullptr) continue;
    check(plane.row_stride, image.format == PixelFormat::i420 ? width / 2 : width);
  }
}

}  // namespace

Status FacePipeline::find(const ImageView& image, Faces& faces) noexcept {
  Status status = guarded([&] {
    static const std::string kName = "pipeline";
    const Once alone(runs_, kName);
    check_frame(image);
    faces.reset(0);
    for (const std::unique_ptr<Stage>& stage : stages_) {
      if (stage == nullptr) {
        throw StatusError(StatusCode::invalid_argument, "stages: got an empty one");
      }
      stage->run(image, faces);
    }
  });
  if (!status.ok()) faces.reset(0);
  return status;
}

}  // namespace rostro
