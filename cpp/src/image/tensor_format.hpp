#pragma once

#include <array>

#include "rostro/image_view.hpp"
#include "rostro/tensor_format.hpp"

namespace rostro {

/// (pixel - mean) / std as pixel * scale + bias, a channel each.
struct ChannelScales {
  std::array<float, 3> scale;
  std::array<float, 3> bias;
};

/// Throws InvalidArgument unless every mean is finite, every std finite and not 0.
ChannelScales channel_scales(const TensorFormat& format);

/// Whether pixels of `source` must have their first and third channel exchanged to be in the order
/// `channels`. Grey has no order; YUV is read as BGR.
bool swaps_channels(PixelFormat source, ChannelOrder channels);

}  // namespace rostro
