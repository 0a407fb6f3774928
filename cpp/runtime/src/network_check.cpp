#include "network_check.hpp"

namespace rostro {

namespace {

StatusError refused(const std::string& why) { return StatusError(StatusCode::wrong_model, why); }

}  // namespace

void check_network(const Card& card, const std::string& task, const Network* network) {
  check_names(card, task, network);
  const TensorInfo& image = network->inputs().front();
  if (image.sides.size() != 4 || (image.sides[1] != 3 && image.sides[1] != kFreeSide)) {
    throw refused(network->name() + ": its input " + image.name +
                  " is no image of (N, 3, height, width), as the card " + card.name + " wants it");
  }
}

void check_names(const Card& card, const std::string& task, const Network* network) {
  if (card.task != task) {
    throw refused("card: got a model for \"" + card.task + "\"; one for \"" + task +
                  "\" is wanted");
  }
  if (network == nullptr) {
    throw StatusError(StatusCode::invalid_argument, card.name + ": got no network; one is wanted");
  }
  const auto check = [&](std::size_t got, std::size_t wanted, const std::string& what) {
    if (got == wanted) return;
    throw refused(network->name() + ": has " + std::to_string(got) + " " + what + "; " +
                  std::to_string(wanted) + " are wanted by the card " + card.name);
  };
  check(network->inputs().size(), card.inputs.size(), "inputs");
  for (const std::string& name : card.outputs) output_index(*network, name);
  check(network->outputs().size(), card.outputs.size(), "outputs");
}

void check_some(const std::vector<CardedNetwork>& networks) {
  if (networks.empty()) {
    throw StatusError(StatusCode::invalid_argument, "networks: got none; one is wanted at least");
  }
}

std::size_t output_index(const Network& network, const std::string& name) {
  for (std::size_t i = 0; i < network.outputs().size(); ++i) {
    if (network.outputs()[i].name == name) return i;
  }
  throw StatusError(StatusCode::wrong_model, network.name() + ": has no output " + name);
}

}  // namespace rostro
