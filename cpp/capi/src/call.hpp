#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "guarded.hpp"
#include "rostro.h"
#include "rostro/gallery.hpp"

namespace rostro::capi {

/// Gives the sentence of a status to the caller, and its code as C's.
rostro_status tell(const Status& status, rostro_error* error) noexcept;

[[noreturn]] void refuse(const std::string& message);

/// Runs a function of the C API: nothing is thrown beyond this. `run` gives a rostro_status.
template <typename Run>
rostro_status call(rostro_error* error, const Run& run) noexcept {
  if (error != nullptr) error->message[0] = '\0';
  rostro_status status = ROSTRO_OK;
  const Status outcome = guarded([&] { status = run(); });
  return outcome.ok() ? status : tell(outcome, error);
}

/// What a pointer of the caller's points to.
template <typename T>
T& wanted(T* pointer, const char* name) {
  if (pointer == nullptr) refuse(std::string(name) + ": got a null pointer; another is wanted");
  return *pointer;
}

/// Refuses a size of a struct that no version has or will have: it was not set.
void check_size(std::size_t size, std::size_t least, const char* name);

/// Refuses what a later version may give a meaning to.
void check_reserved(std::int32_t field, const char* name);

/// A struct of the caller's, who may know fewer fields of it than this library, which are 0 then,
/// or more, which must be 0. `least`: its size when it came to be.
template <typename Struct>
Struct read(const Struct& given, const char* name, std::size_t least = sizeof(Struct)) {
  check_size(given.size, least, name);
  const auto* bytes = reinterpret_cast<const unsigned char*>(&given);
  for (std::size_t i = sizeof(Struct); i < given.size; ++i) {
    if (bytes[i] != 0) refuse(std::string(name) + ": has fields that this version does not know");
  }
  Struct known = {};
  std::memcpy(&known, bytes, given.size < sizeof(Struct) ? given.size : sizeof(Struct));
  return known;
}

/// Writes `made` where the caller has room for `room.size` bytes of such a struct; what this
/// library does not know of it is made 0. The size stays the caller's.
template <typename Struct>
void write(Struct made, Struct& room, const char* name, std::size_t least = sizeof(Struct)) {
  const std::size_t size = room.size;
  check_size(size, least, name);
  auto* bytes = reinterpret_cast<unsigned char*>(&room);
  std::memset(bytes, 0, size);
  made.size = size;
  std::memcpy(bytes, &made, size < sizeof(Struct) ? size : sizeof(Struct));
}

/// Closes a handle.
template <typename Handle>
void end(Handle* handle) noexcept {
  delete handle;
}

/// A text that may be null.
inline std::string text_or_empty(const char* text) { return text == nullptr ? "" : text; }

}  // namespace rostro::capi
