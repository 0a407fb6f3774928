#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace rostro {

enum class StatusCode {
  ok,
  invalid_argument,  ///< an image, a setting or a path that cannot be used
  not_found,         ///< no such file
  wrong_file,        ///< a file of another kind than wanted or by its hash, or not readable
  wrong_model,       ///< a card or a network that is not of the kind wanted
  wrong_library,     ///< an engine's library that is missing, too old, or for another machine
  network_failed,    ///< an engine failed, or what a network gave cannot be used
  busy,              ///< another thread is in the same call
  out_of_memory,
  internal,        ///< a mistake of the library's own
  wrong_embedder,  ///< embeddings of another length, or of another embedder, than a gallery's
  encrypted,       ///< a gallery with a key, which this reader does not take
  damaged,         ///< a gallery that was damaged or altered
  locked,          ///< a gallery that another process kept locked until the timeout was over
  unreadable,      ///< a gallery that the system, or SQLite, cannot read
};

/// What comes back of every function of runtime and galleries: none throws. The message is one
/// sentence, empty where all went well.
struct [[nodiscard]] Status {
  StatusCode code = StatusCode::ok;
  std::string message = {};

  bool ok() const { return code == StatusCode::ok; }
};

/// A status as an exception, for programs that prefer those.
class StatusError : public std::runtime_error {
 public:
  StatusError(StatusCode code, const std::string& message)
      : std::runtime_error(message), code_(code) {}

  StatusCode code() const { return code_; }

 private:
  StatusCode code_;
};

/// The thin throwing wrapper: `must(pipeline->find(image, faces));`
inline void must(const Status& status) {
  if (!status.ok()) throw StatusError(status.code, status.message);
}

}  // namespace rostro
