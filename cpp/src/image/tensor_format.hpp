#pragma once

#include <array>

#include "rostro/letterbox.hpp"

namespace rostro {

/// (pixel - mean) / std as pixel * scale + bias, a channel each.
struct ChannelScales {
  std::array<float, 3> scale;
  std::array<float, 3> bias;
};

/// Throws InvalidArgument unless every mean is finite, every std finite and not 0, and the channels
/// are bgr or rgb.
ChannelScales channel_scales(const TensorFormat& format);

/// Throws InvalidArgument unless `channels` is bgr or rgb.
void check_channels(PixelFormat channels);

/// Whether pixels of `source` must have their first and third channel exchanged to be in the order
/// `channels`. Grey has no order; camera formats are read as BGR.
bool swaps_channels(PixelFormat source, PixelFormat channels);

}  // namespace rostro
