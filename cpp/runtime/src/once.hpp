#pragma once

#include <atomic>
#include <string>

#include "rostro/status.hpp"

namespace rostro {

/// Lets one thread in at a time; another is not kept waiting, which on a camera's thread would cost
/// frames, but refused.
class Once {
 public:
  Once(std::atomic<bool>& taken, const std::string& name) : taken_(taken) {
    if (taken_.exchange(true, std::memory_order_acquire)) {
      throw StatusError(StatusCode::busy,
                        name + ": runs in another thread; one for each thread is wanted");
    }
  }
  Once(const Once&) = delete;
  Once& operator=(const Once&) = delete;
  ~Once() { taken_.store(false, std::memory_order_release); }

 private:
  std::atomic<bool>& taken_;
};

}  // namespace rostro
