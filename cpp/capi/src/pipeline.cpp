#include "handles.hpp"

using rostro::capi::call;
using rostro::capi::refuse;
using rostro::capi::text_or_empty;
using rostro::capi::wanted;

namespace {

/// In the order of C's names for them.
constexpr rostro::PixelFormat kFormats[] = {rostro::PixelFormat::bgr,  rostro::PixelFormat::rgb,
                                            rostro::PixelFormat::bgra, rostro::PixelFormat::rgba,
                                            rostro::PixelFormat::gray, rostro::PixelFormat::nv12,
                                            rostro::PixelFormat::nv21, rostro::PixelFormat::i420,
                                            rostro::PixelFormat::yuyv, rostro::PixelFormat::uyvy};
static_assert(kFormats[ROSTRO_UYVY] == rostro::PixelFormat::uyvy);

rostro::ImageView view_of(const rostro_image& given) {
  const rostro_image image = rostro::capi::read(given, "image");
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

}  // namespace

rostro_status rostro_pipeline_open(const rostro_library* library,
                                   const rostro_pipeline_options* options,
                                   rostro_pipeline** pipeline, rostro_error* error) {
  return call(error, [&] {
    const auto asked = rostro::capi::read(wanted(options, "options"), "options");
    rostro::capi::check_reserved(asked.reserved, "options");
    rostro::PipelineOptions made;
    made.detector = &wanted(asked.detector, "options.detector");
    made.embedder = text_or_empty(asked.embedder);
    made.quality = asked.quality != 0;
    made.head_pose = asked.head_pose != 0;
    made.threads = asked.threads == 0 ? 1 : asked.threads;
    rostro_pipeline*& given = wanted(pipeline, "pipeline");
    auto opened = std::make_unique<rostro_pipeline>();
    rostro::must(rostro::open_pipeline(wanted(library, "library").library, made, opened->pipeline));
    given = opened.release();
    return ROSTRO_OK;
  });
}

rostro_status rostro_pipeline_find(rostro_pipeline* pipeline, const rostro_image* image,
                                   rostro_faces* faces, rostro_error* error) {
  return call(error, [&] {
    rostro::Faces& found = wanted(faces, "faces").faces;
    found.reset(0);
    rostro::FacePipeline& finder = *wanted(pipeline, "pipeline").pipeline;
    return rostro::capi::tell(finder.find(view_of(wanted(image, "image")), found), error);
  });
}

void rostro_pipeline_close(rostro_pipeline* pipeline) { rostro::capi::end(pipeline); }

rostro_status rostro_card_threshold(const char* card, const char* name, double* threshold,
                                    rostro_error* error) {
  return call(error, [&] {
    const std::string asked = &wanted(name, "name");
    double& given = wanted(threshold, "threshold");
    rostro::Card read;
    rostro::must(rostro::read_card(&wanted(card, "card"), read));
    const auto found = read.thresholds.find(asked);
    if (found == read.thresholds.end()) {
      throw rostro::StatusError(rostro::StatusCode::not_found,
                                read.path + ": has no threshold \"" + asked + '"');
    }
    given = found->second;
    return ROSTRO_OK;
  });
}
