#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "rostro/detector.hpp"
#include "rostro/embedder.hpp"
#include "rostro/landmarker.hpp"
#include "rostro/quality_range.hpp"
#include "rostro/runtime/status.hpp"

namespace rostro {

/// A file of weights.
struct CardFile {
  std::string name;        ///< without folders
  std::string sha256;      ///< 64 digits; empty where the card does not say it
  std::string sha384;      ///< 96 digits, likewise
  std::int64_t size = -1;  ///< in bytes; -1 where it does not say it
  bool is_bundle = false;  ///< an archive that `rostro models install` makes a network of
};

/// Which of a landmark network's outputs is what, besides the settings of the task.
struct LandmarkOutputNames {
  std::string points, depth, presence;  ///< empty: it gives none
};

/// A model card: what a network is, as the core's tasks take it. docs/reference/cards.md has the
/// format; `rostro models` of the Python package checks cards more strictly.
struct Card {
  std::string name;  ///< of the model
  std::string task;  ///< "detect"
  std::string path;  ///< the card's own file
  std::vector<CardFile> files;
  std::string input;                 ///< the name of the network's image input
  std::vector<std::string> outputs;  ///< their names, in the network's order

  std::optional<DetectorSettings> detector;  ///< of the task "detect"

  std::optional<EmbedderSettings> embedder;  ///< of the task "embed"
  std::string embedding;                     ///< the output that is one
  std::string landmarks_input;               ///< the network's second input; empty: it has none
  std::optional<QualityRange> norms;         ///< what its norms say of a face's quality

  std::optional<LandmarkerSettings> landmarker;  ///< of the task "landmarks"
  LandmarkOutputNames points;

  std::map<std::string, double> thresholds;  ///< "cosine"
};

/// Reads a card of the task "detect", "embed" or "landmarks". Refused: what is no card, lacks a key
/// or has one that is unknown, out of range or of a wrong type; and where `task` is not empty, a
/// card of another one. Of landmarks the kinds "3dmm" and "descriptors" are Python's alone: they
/// take .npz files.
Status read_card(const std::string& path, Card& card, const std::string& task = "");

}  // namespace rostro
