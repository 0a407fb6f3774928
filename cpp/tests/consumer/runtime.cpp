// Every public header of the runtime, and what it says where nothing is to be opened.
#include <cstdio>

#include "rostro/runtime/pipeline.hpp"
#include "rostro/runtime/recorded_network.hpp"
#include "rostro/runtime/weights.hpp"

int main() {
  std::shared_ptr<const rostro::OnnxRuntime> library;
  rostro::Card card;
  const rostro::Status opened = rostro::open_onnxruntime("none.so", library);
  const rostro::Status read = rostro::read_card("none.toml", card);
  std::printf("%s\n%s\n", opened.message.c_str(), read.message.c_str());
  return opened.code == rostro::StatusCode::wrong_library &&
                 read.code == rostro::StatusCode::not_found
             ? 0
             : 1;
}
