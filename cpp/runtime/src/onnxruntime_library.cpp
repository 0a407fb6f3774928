#include "onnxruntime_library.hpp"

#include <dlfcn.h>

#include <cstdlib>
#include <vector>

#include "guarded.hpp"

namespace rostro {

namespace {

/// What `pip install onnxruntime` and Debian call it, where no path is given.
constexpr const char* kNames[] = {"libonnxruntime.so.1", "libonnxruntime.so"};

StatusError refused(const std::string& message) {
  return StatusError(StatusCode::wrong_library, message);
}

/// It stays in the process: its threads, and what it registered, outlive a close.
void* opened(const std::string& path) {
  std::vector<std::string> names(std::begin(kNames), std::end(kNames));
  if (!path.empty()) names = {path};
  std::string why;
  for (const std::string& name : names) {
    void* handle = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (handle != nullptr) return handle;
    if (const char* said = dlerror()) why = said;
  }
  throw refused("onnxruntime: cannot be opened: " + why);
}

}  // namespace

OnnxRuntime::OnnxRuntime(const std::string& path) {
  setenv("ORT_DISABLE_TELEMETRY", "1", 1);  // read when it is loaded
  void* handle = opened(path);
  const auto base_of = reinterpret_cast<const OrtApiBase* (*)()>(dlsym(handle, "OrtGetApiBase"));
  if (base_of == nullptr) {
    throw refused(path + ": got a library without OrtGetApiBase; ONNX Runtime's is wanted");
  }
  const OrtApiBase* base = base_of();
  version_ = base->GetVersionString();
  api_ = base->GetApi(ORT_API_VERSION);
  if (api_ == nullptr) {
    throw refused("onnxruntime: got version " + version_ + "; 1." +
                  std::to_string(ORT_API_VERSION) + " or newer is wanted");
  }
  OrtEnv* env = nullptr;
  check(api_->CreateEnv(ORT_LOGGING_LEVEL_FATAL, "rostro", &env), StatusCode::wrong_library,
        "onnxruntime cannot start");
  env_ = owned(env, api_->ReleaseEnv);
  check(api_->DisableTelemetryEvents(env), StatusCode::wrong_library,
        "onnxruntime cannot switch its telemetry off");
}

void OnnxRuntime::check(OrtStatus* status, StatusCode code, const std::string& what) const {
  if (status == nullptr) return;
  const OrtPtr<OrtStatus> held = owned(status, api_->ReleaseStatus);
  std::string said = api_->GetErrorMessage(held.get());
  for (char& letter : said) {
    if (letter == '\n') letter = ' ';
  }
  throw StatusError(code, what + ": " + said);
}

Status open_onnxruntime(const std::string& path, std::shared_ptr<const OnnxRuntime>& library) {
  return guarded([&] { library = std::make_shared<const OnnxRuntime>(path); });
}

const std::string& version_of(const OnnxRuntime& library) { return library.version(); }

}  // namespace rostro
