#include "image/tensor_format.hpp"

#include <cmath>

#include "support/message.hpp"

namespace rostro {

ChannelScales channel_scales(const TensorFormat& format) {
  ChannelScales scales{};
  for (std::size_t c = 0; c < 3; ++c) {
    if (!std::isfinite(format.mean[c]) || !std::isfinite(format.std[c]) || format.std[c] == 0.0f) {
      throw wrong("mean, std", text(format.mean[c]) + ", " + text(format.std[c]),
                  "finite numbers are wanted, std not 0");
    }
    scales.scale[c] = static_cast<float>(1.0 / static_cast<double>(format.std[c]));
    scales.bias[c] = static_cast<float>(-static_cast<double>(format.mean[c]) /
                                        static_cast<double>(format.std[c]));
  }
  return scales;
}

bool swaps_channels(PixelFormat source, ChannelOrder channels) {
  if (source == PixelFormat::gray) return false;
  const bool rgb = source == PixelFormat::rgb || source == PixelFormat::rgba;
  return rgb != (channels == ChannelOrder::rgb);
}

}  // namespace rostro
