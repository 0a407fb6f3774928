#include "handles.hpp"

using rostro::capi::call;
using rostro::capi::text_or_empty;
using rostro::capi::wanted;

const char* rostro_version(void) { return ROSTRO_VERSION; }

rostro_status rostro_library_open(const char* path, rostro_library** library, rostro_error* error) {
  return call(error, [&] {
    auto opened = std::make_unique<rostro_library>();
    rostro_library*& given = wanted(library, "library");
    rostro::must(rostro::open_onnxruntime(text_or_empty(path), opened->library));
    given = opened.release();
    return ROSTRO_OK;
  });
}

const char* rostro_library_version(const rostro_library* library) {
  return library == nullptr ? nullptr : rostro::version_of(*library->library).c_str();
}

void rostro_library_close(rostro_library* library) { rostro::capi::end(library); }
