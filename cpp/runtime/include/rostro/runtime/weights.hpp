#pragma once

#include <string>

#include "rostro/runtime/card.hpp"

namespace rostro {

/// Where rostro's Python package keeps installed models: ROSTRO_CACHE, or the user's cache folder.
std::string cache_folder();

/// The .onnx file that is to be run for a card, once its SHA-256 was found right: beside the card
/// the file that it names; else what `rostro models install NAME` put into the cache. In either
/// case the prepared form is taken where one was made, so that C++ and Python run the same file.
/// Refused: a file that is missing, or not what its hash says.
Status find_weights(const Card& card, std::string& file);

/// The same for ncnn: a .param file, and its .bin file.
Status find_ncnn_weights(const Card& card, std::string& param, std::string& weights);

/// Refused: a file whose SHA-256 is not these 64 digits.
Status check_sha256(const std::string& path, const std::string& sha256);

}  // namespace rostro
