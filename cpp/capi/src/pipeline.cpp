#include "options.hpp"

using rostro::capi::call;
using rostro::capi::wanted;

rostro_status rostro_pipeline_open(const rostro_library* library,
                                   const rostro_pipeline_options* options,
                                   rostro_pipeline** pipeline, rostro_error* error) {
  return call(error, [&] {
    const rostro::PipelineOptions asked = rostro::capi::options_of(options);
    rostro_pipeline*& given = wanted(pipeline, "pipeline");
    auto opened = std::make_unique<rostro_pipeline>();
    rostro::must(rostro::open_pipeline(rostro::capi::library_of(library), asked, opened->pipeline));
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
    return rostro::capi::tell(finder.find(rostro::capi::view_of(image), found), error);
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
