#pragma once

#include <memory>
#include <vector>

#include "call.hpp"
#include "rostro/gallery.hpp"
#include "rostro/runtime/followed_pipeline.hpp"

// What the handles of the C API are.

struct rostro_library {
  std::shared_ptr<const rostro::OnnxRuntime> library;
};

struct rostro_pipeline {
  std::unique_ptr<rostro::FacePipeline> pipeline;
};

struct rostro_faces {
  rostro::Faces faces;
};

struct rostro_follower {
  std::unique_ptr<rostro::FollowedPipeline> pipeline;
};

struct rostro_gallery {
  rostro::Gallery gallery;
};

struct rostro_matches {
  std::vector<std::vector<rostro::GalleryMatch>> found;  ///< for each embedding
};
