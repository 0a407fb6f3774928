#pragma once

#include <new>

#include "rostro/error.hpp"
#include "rostro/status.hpp"

namespace rostro {

/// Runs what may throw, and tells it as a status: the one place where exceptions end.
template <typename Run>
Status guarded(const Run& run) noexcept {
  try {
    try {
      run();
      return {};
    } catch (const StatusError& error) {
      return {error.code(), error.what()};
    } catch (const InvalidArgument& error) {
      return {StatusCode::invalid_argument, error.what()};
    } catch (const ModelMismatch& error) {
      return {StatusCode::wrong_model, error.what()};
    } catch (const NetworkError& error) {
      return {StatusCode::network_failed, error.what()};
    } catch (const std::bad_alloc&) {
      return {StatusCode::out_of_memory, "out of memory"};
    } catch (const std::exception& error) {
      return {StatusCode::internal, error.what()};
    }
  } catch (...) {  // also where there is no memory for a message
    return {StatusCode::internal};
  }
}

}  // namespace rostro
