#pragma once

#include "handles.hpp"

namespace rostro::capi {

/// What the caller's structs mean.
PipelineOptions options_of(const rostro_pipeline_options* given);
ImageView view_of(const rostro_image* given);

/// None for null.
inline std::shared_ptr<const OnnxRuntime> library_of(const rostro_library* library) {
  return library == nullptr ? nullptr : library->library;
}

}  // namespace rostro::capi
