#include "call.hpp"

#include <algorithm>

namespace rostro::capi {

namespace {

// Without a default: the compiler tells of a code that was forgotten here.
rostro_status code_of(StatusCode code) {
  switch (code) {
    case StatusCode::ok:
      return ROSTRO_OK;
    case StatusCode::invalid_argument:
      return ROSTRO_INVALID_ARGUMENT;
    case StatusCode::not_found:
      return ROSTRO_NOT_FOUND;
    case StatusCode::wrong_file:
      return ROSTRO_WRONG_FILE;
    case StatusCode::wrong_model:
      return ROSTRO_WRONG_MODEL;
    case StatusCode::wrong_library:
      return ROSTRO_WRONG_LIBRARY;
    case StatusCode::network_failed:
      return ROSTRO_NETWORK_FAILED;
    case StatusCode::busy:
      return ROSTRO_BUSY;
    case StatusCode::out_of_memory:
      return ROSTRO_OUT_OF_MEMORY;
    case StatusCode::wrong_embedder:
      return ROSTRO_WRONG_EMBEDDER;
    case StatusCode::encrypted:
      return ROSTRO_ENCRYPTED;
    case StatusCode::damaged:
      return ROSTRO_DAMAGED;
    case StatusCode::locked:
      return ROSTRO_LOCKED;
    case StatusCode::unreadable:
      return ROSTRO_UNREADABLE;
    case StatusCode::internal:
      break;
  }
  return ROSTRO_INTERNAL;
}

void say(const std::string& message, rostro_error* error) {
  if (error == nullptr) return;
  std::size_t length = std::min(message.size(), sizeof error->message - 1);
  if (length < message.size()) {  // not within a character of several bytes
    while (length > 0 && (message[length] & 0xC0) == 0x80) --length;
  }
  std::memcpy(error->message, message.data(), length);
  error->message[length] = '\0';
}

}  // namespace

rostro_status tell(const Status& status, rostro_error* error) noexcept {
  say(status.message, error);
  return code_of(status.code);
}

void refuse(const std::string& message) {
  throw StatusError(StatusCode::invalid_argument, message);
}

void check_reserved(std::int32_t field, const char* name) {
  if (field != 0) {
    refuse(std::string(name) + ".reserved: got " + std::to_string(field) + "; 0 is wanted");
  }
}

void check_size(std::size_t size, std::size_t least, const char* name) {
  constexpr std::size_t kLargest = 1024;
  if (size < least || size > kLargest) {
    refuse(std::string(name) + ".size: got " + std::to_string(size) +
           "; the size of the struct is wanted");
  }
}

}  // namespace rostro::capi
