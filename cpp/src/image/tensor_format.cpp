#include "image/tensor_format.hpp"

#include <cmath>
#include <string>

#include "rostro/error.hpp"

namespace rostro {

ChannelScales channel_scales(const TensorFormat& format) {
  check_channels(format.channels);
  ChannelScales scales{};
  for (std::size_t c = 0; c < 3; ++c) {
    if (!std::isfinite(format.mean[c]) || !std::isfinite(format.std[c]) || format.std[c] == 0.0f) {
      throw InvalidArgument("mean, std: " + std::to_string(format.mean[c]) + ", " +
                            std::to_string(format.std[c]) +
                            "; finite numbers are wanted, std not 0");
    }
    scales.scale[c] = static_cast<float>(1.0 / static_cast<double>(format.std[c]));
    scales.bias[c] = static_cast<float>(-static_cast<double>(format.mean[c]) /
                                        static_cast<double>(format.std[c]));
  }
  return scales;
}

void check_channels(PixelFormat channels) {
  if (channels != PixelFormat::bgr && channels != PixelFormat::rgb) {
    throw InvalidArgument("channels: the result can be \"bgr\" or \"rgb\"");
  }
}

bool swaps_channels(PixelFormat source, PixelFormat channels) {
  if (source == PixelFormat::gray) return false;
  return (source == PixelFormat::rgb) != (channels == PixelFormat::rgb);
}

}  // namespace rostro
