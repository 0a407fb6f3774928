#include "guarded.hpp"
#include "rostro/runtime/ncnn.hpp"

namespace rostro {

bool has_ncnn() { return false; }

Status open_ncnn_network(const std::string& param, const std::string&, const NcnnOptions&,
                         std::unique_ptr<Network>&) {
  return guarded([&] {
    throw StatusError(StatusCode::wrong_library,
                      param +
                          ": this build of rostro has no ncnn; one that CMake's ROSTRO_NCNN "
                          "found is wanted");
  });
}

}  // namespace rostro
