#pragma once

#include <array>

namespace rostro {

/// The order of the three planes or channels that a network or a crop has.
enum class ChannelOrder { bgr, rgb };

/// What a network wants of its input tensor, channel by channel in the tensor's own order.
struct TensorFormat {
  ChannelOrder channels = ChannelOrder::rgb;
  std::array<float, 3> mean = {0, 0, 0};
  std::array<float, 3> std = {1, 1, 1};
};

}  // namespace rostro
