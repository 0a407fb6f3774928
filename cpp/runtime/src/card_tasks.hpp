#pragma once

#include <limits>
#include <string>

#include "card_table.hpp"
#include "rostro/runtime/card.hpp"

namespace rostro {

// What a card says of each task: tables of it, into the core's settings. All throw StatusError.

inline constexpr double kAny = std::numeric_limits<float>::max();
inline constexpr double kLargestSide = 8192;
inline constexpr double kLeastStd = 1e-6, kMostStd = 1e6;

/// What of [input] every task takes.
struct CardInput {
  TensorFormat format;
  Size size = {};  ///< 0x0: any
  int multiple = 1;
  std::uint8_t pad = 0;
};

inline float to_float(double number) { return static_cast<float>(number); }

Size read_size(CardTable& table, const std::string& key);

/// [crop], or such a table elsewhere; the size is that of the input.
CropRule read_crop(CardTable table, const CardInput& input);

/// The output of a key, `otherwise` where the card has no such key.
std::string read_output(CardTable& table, const std::string& key, const Card& card,
                        const std::string& otherwise);

/// Which of yaw, pitch and roll the three words of a key are.
std::array<int, 3> read_angles(CardTable& table, const std::string& key,
                               const std::array<int, 3>& otherwise);

/// Three signs, 1 or -1.
std::array<int, 3> read_signs(CardTable& table, const std::string& key,
                              const std::array<int, 3>& otherwise);

/// The path of a file beside the card, by its name without folders; empty where there is no key.
std::string read_beside(CardTable& table, const std::string& key, const Card& card);

/// The same of several names, which may be none.
std::vector<std::string> read_all_beside(CardTable& table, const std::string& key,
                                         const Card& card);

QualityRange read_range(CardTable& table, const std::string& key);

void read_detect(CardTable table, const CardInput& input, Card& card);
void read_embed(CardTable table, const CardInput& input, Card& card);
void read_landmarks(CardTable table, const CropRule& crop, Card& card);
void read_pose(CardTable table, const CropRule& crop, Card& card);
void read_liveness(CardTable table, const CropRule& crop, Card& card);
void read_attributes(CardTable table, const CropRule& crop, const CardInput& input, Card& card);

/// Of the card of an embedder, too. `top` may have [crop].
void read_quality(CardTable& top, const CardInput& input, Card& card);

}  // namespace rostro
