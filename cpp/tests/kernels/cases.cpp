#include <cstring>
#include <sstream>

#include "kernels/case.hpp"

namespace rostro::rig {

void Call::clear() {
  for (const Output& output : outputs_) {
    if (output.bytes->size() > 0) {
      std::memset(output.bytes->data(), output.filled, output.bytes->size());
    }
  }
}

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const auto topic : {letterbox_cases, yuv_cases, align_cases, decode_cases, nms_cases,
                           quantize_cases, match_cases, pose_cases, quality_cases}) {
    const std::vector<Case> some = topic();
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

AnyKernel* kernel_of(const KernelTable& table, std::string_view name) {
#define ROSTRO_FIND(Fn, kernel) \
  if (name == #kernel) return reinterpret_cast<AnyKernel*>(table.kernel);
  ROSTRO_KERNELS(ROSTRO_FIND)
#undef ROSTRO_FIND
  return nullptr;
}

std::string sizes(std::initializer_list<std::pair<const char*, double>> named) {
  std::ostringstream text;
  for (const auto& [name, value] : named)
    text << (text.tellp() > 0 ? ", " : "") << name << ' ' << value;
  return text.str();
}

std::vector<std::size_t> sizes_across_tails(std::size_t first, std::size_t last,
                                            std::initializer_list<std::size_t> and_these) {
  std::vector<std::size_t> all;
  for (std::size_t n = first; n <= last; ++n) all.push_back(n);
  all.insert(all.end(), and_these);
  return all;
}

void make_extreme(GuardedBuffer<unsigned char>& bytes) {
  for (unsigned char& byte : bytes) byte = byte < 128 ? 0 : 255;
}

}  // namespace rostro::rig
