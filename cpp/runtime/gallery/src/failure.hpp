#pragma once

#include <exception>
#include <string>
#include <utility>

#include "rostro/gallery.hpp"

namespace rostro::galleries {

/// A status on its way to the caller: thrown inside of the library, never out of it.
class Failure : public std::exception {
 public:
  Failure(GalleryCode code, std::string message) : status_{code, std::move(message)} {}

  const char* what() const noexcept override { return status_.message.c_str(); }
  const GalleryStatus& status() const { return status_; }
  GalleryStatus take() { return std::move(status_); }

 private:
  GalleryStatus status_;
};

}  // namespace rostro::galleries
