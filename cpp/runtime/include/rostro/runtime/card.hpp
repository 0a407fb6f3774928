#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "rostro/attributes.hpp"
#include "rostro/detector.hpp"
#include "rostro/embedder.hpp"
#include "rostro/head_pose.hpp"
#include "rostro/landmarker.hpp"
#include "rostro/liveness.hpp"
#include "rostro/quality_network.hpp"
#include "rostro/status.hpp"

namespace rostro {

/// A file of weights.
struct CardFile {
  std::string name;        ///< without folders
  std::string sha256;      ///< 64 digits; empty where the card does not say it
  std::string sha384;      ///< 96 digits, likewise
  std::int64_t size = -1;  ///< in bytes; -1 where it does not say it
  bool is_bundle = false;  ///< an archive that `rostro models install` makes a network of
};

/// An output of a landmark network that becomes an attribute of the faces as it is.
struct OutputAttribute {
  std::string name;       ///< of the attribute
  std::string output;     ///< of the network
  std::size_t count = 0;  ///< numbers of a face
};

/// Which of a landmark network's outputs is what, besides the settings of the task.
struct LandmarkOutputNames {
  std::string points, depth, presence;  ///< empty: it gives none
  std::vector<OutputAttribute> attributes;
};

/// What quality follows from.
enum class QualityKind {
  scalar,           ///< a network that gives one number a face
  landmarks,        ///< a network that looks at the places of points alone
  norm,             ///< of an embedder: its norms
  recognizability,  ///< of an embedder: the distance from a center
  symmetry,         ///< of an embedder: of the two halves of a face; Python's alone
};

/// How quality follows from a network's numbers, or of an embedder from its embeddings.
struct QualitySettings {
  QualityKind kind = QualityKind::scalar;
  QualityRange range;
  std::string output;              ///< of "scalar" and "landmarks"
  QualityNetworkSettings network;  ///< of "scalar"
  std::string scheme = "five";     ///< of "landmarks": which points,
  PointFrame frame = PointFrame::eyes;
  bool unit = true;           ///< and whether the frame's unit is one more number
  std::vector<float> center;  ///< of "recognizability", of unit norm
};

/// A model card: what a network is, as the core's tasks take it. docs/reference/cards.md has the
/// format; `rostro models` of the Python package checks cards more strictly.
struct Card {
  std::string name;  ///< of the model
  std::string task;  ///< "detect"
  std::string path;  ///< the card's own file
  std::vector<CardFile> files;
  std::vector<std::string> inputs;   ///< the network's image input, then what else it takes
  std::vector<std::string> outputs;  ///< their names, in the network's order
  /// Paths of cards of networks, the mean of which and of this one is meant.
  std::vector<std::string> networks;

  // One of these, by the task.
  std::optional<DetectorSettings> detector;
  std::optional<EmbedderSettings> embedder;
  std::optional<LandmarkerSettings> landmarker;
  std::optional<HeadPoseSettings> head_pose;
  std::optional<LivenessSettings> liveness;
  std::optional<AttributesSettings> attributes;
  std::optional<QualitySettings> quality;  ///< also of an embedder

  std::string embedding;       ///< of an embedder: the output that is one
  LandmarkOutputNames points;  ///< of a landmark network
  std::string live;            ///< of a liveness network: the output that holds its classes

  std::map<std::string, double> thresholds;  ///< "cosine"
};

/// Reads a card of any task but "fuse", which is Python's, and the .npz files that it names, as
/// numpy.savez writes them. Refused: what is no card, lacks a key or has one that is unknown, out
/// of range or of a wrong type; and where `task` is not empty, a card of another one.
Status read_card(const std::string& path, Card& card, const std::string& task = "");

}  // namespace rostro
