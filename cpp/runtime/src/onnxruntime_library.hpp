#pragma once

#include <onnxruntime_c_api.h>

#include <memory>
#include <string>

#include "rostro/runtime/onnxruntime.hpp"

namespace rostro {

/// Gives back what ONNX Runtime made.
template <typename T>
struct OrtDeleter {
  void (*release)(T*) = nullptr;
  void operator()(T* object) const { release(object); }
};
template <typename T>
using OrtPtr = std::unique_ptr<T, OrtDeleter<T>>;

template <typename T>
OrtPtr<T> owned(T* object, void (*release)(T*)) {
  return OrtPtr<T>(object, {release});
}

class OnnxRuntime {
 public:
  /// Throws StatusError.
  explicit OnnxRuntime(const std::string& path);

  const OrtApi& api() const { return *api_; }
  OrtEnv* env() const { return env_.get(); }
  const std::string& version() const { return version_; }

  /// Throws StatusError, with what the library says, where a call of it failed.
  void check(OrtStatus* status, StatusCode code, const std::string& what) const;

 private:
  const OrtApi* api_ = nullptr;
  OrtPtr<OrtEnv> env_;
  std::string version_;
};

}  // namespace rostro
