#include "options.hpp"

namespace rostro::capi {

namespace {

/// In the order of C's names for them.
constexpr PixelFormat kFormats[] = {
    PixelFormat::bgr,  PixelFormat::rgb,  PixelFormat::bgra, PixelFormat::rgba, PixelFormat::gray,
    PixelFormat::nv12, PixelFormat::nv21, PixelFormat::i420, PixelFormat::yuyv, PixelFormat::uyvy};
static_assert(kFormats[ROSTRO_UYVY] == PixelFormat::uyvy);

Engine engine_of(std::int32_t engine, const char* name) {
  if (engine == ROSTRO_ONNXRUNTIME) return Engine::onnxruntime;
  if (engine == ROSTRO_NCNN) return Engine::ncnn;
  refuse(std::string(name) + ".engine: got " + std::to_string(engine) + "; 0 or 1 is wanted");
}

StageOptions options_of(const rostro_stage_options* given) {
  const auto asked = read(wanted(given, "options.stages"), "options.stages");
  check_reserved(asked.reserved, "options.stages");
  StageOptions made;
  made.card = &wanted(asked.card, "options.stages.card");
  made.threads = asked.threads == 0 ? 1 : asked.threads;
  made.landmarks = asked.landmarks != 0;
  made.engine = engine_of(asked.engine, "options.stages");
  return made;
}

}  // namespace

PipelineOptions options_of(const rostro_pipeline_options* given) {
  const auto asked = read(wanted(given, "options"), "options");
  PipelineOptions made;
  made.detector = &wanted(asked.detector, "options.detector");
  made.embedder = text_or_empty(asked.embedder);
  made.quality = asked.quality != 0;
  made.head_pose = asked.head_pose != 0;
  made.threads = asked.threads == 0 ? 1 : asked.threads;
  made.engine = engine_of(asked.engine, "options");
  for (std::size_t i = 0; i < asked.stage_count; ++i) {
    made.stages.push_back(options_of((&wanted(asked.stages, "options.stages"))[i]));
  }
  return made;
}

ImageView view_of(const rostro_image* given) {
  const rostro_image image = read(wanted(given, "image"), "image");
  if (image.format < 0 || image.format > ROSTRO_UYVY) {
    refuse("image.format: got " + std::to_string(image.format) + "; 0 to " +
           std::to_string(ROSTRO_UYVY) + " are wanted");
  }
  const auto& planes = image.planes;
  wanted(planes[0].data, "image.planes[0].data");
  return {planes[0].data,
          {image.width, image.height},
          planes[0].stride,
          kFormats[image.format],
          {{{planes[1].data, planes[1].stride}, {planes[2].data, planes[2].stride}}}};
}

}  // namespace rostro::capi
