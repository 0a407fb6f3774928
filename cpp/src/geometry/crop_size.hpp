#pragma once

#include "rostro/types.hpp"

namespace rostro {

/// Throws InvalidArgument for crops that are not 1 to 4096 pixels wide and high.
void check_crop_size(Size size);

}  // namespace rostro
