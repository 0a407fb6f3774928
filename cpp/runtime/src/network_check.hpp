#pragma once

#include <memory>
#include <string>
#include <vector>

#include "rostro/runtime/card.hpp"
#include "rostro/runtime/network.hpp"
#include "rostro/runtime/stages.hpp"

namespace rostro {

/// Refuses a card for another task, no network, and one that does not go with the card: its first
/// input must be an image, 3 channels, and its outputs the card's. Throws StatusError.
void check_network(const Card& card, const std::string& task, const Network* network);

/// The same of a network that need not take an image.
void check_names(const Card& card, const std::string& task, const Network* network);

/// Refuses none.
void check_some(const std::vector<CardedNetwork>& networks);

/// Which of the network's outputs has this name.
std::size_t output_index(const Network& network, const std::string& name);

}  // namespace rostro
