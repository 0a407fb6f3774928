#include "network_check.hpp"

namespace rostro {

void check_network(const Card& card, const std::string& task, const Network* network,
                   std::size_t inputs) {
  const auto refuse = [](const std::string& why) {
    throw StatusError(StatusCode::wrong_model, why);
  };
  if (card.task != task) {
    refuse("card: got a model for \"" + card.task + "\"; one for \"" + task + "\" is wanted");
  }
  if (network == nullptr) {
    throw StatusError(StatusCode::invalid_argument, card.name + ": got no network; one is wanted");
  }
  if (network->inputs().size() != inputs) {
    refuse(network->name() + ": has " + std::to_string(network->inputs().size()) + " inputs; " +
           std::to_string(inputs) + " are wanted by the card " + card.name);
  }
  const std::vector<std::int64_t>& sides = network->inputs().front().sides;
  if (sides.size() != 4 || (sides[1] != 3 && sides[1] != kFreeSide)) {
    refuse(network->name() + ": its input " + network->inputs().front().name +
           " is no image of (N, 3, height, width), as the card " + card.name + " wants it");
  }
  for (const std::string& name : card.outputs) output_index(*network, name);
  if (network->outputs().size() != card.outputs.size()) {
    refuse(network->name() + ": has " + std::to_string(network->outputs().size()) + " outputs; " +
           std::to_string(card.outputs.size()) + " are wanted by the card " + card.name);
  }
}

std::size_t output_index(const Network& network, const std::string& name) {
  for (std::size_t i = 0; i < network.outputs().size(); ++i) {
    if (network.outputs()[i].name == name) return i;
  }
  throw StatusError(StatusCode::wrong_model, network.name() + ": has no output " + name);
}

}  // namespace rostro
