#pragma once

#include "rostro/align.hpp"
#include "rostro/decode.hpp"
#include "rostro/error.hpp"
#include "rostro/evaluate.hpp"
#include "rostro/heads.hpp"
#include "rostro/image_view.hpp"
#include "rostro/letterbox.hpp"
#include "rostro/match.hpp"
#include "rostro/nms.hpp"
#include "rostro/simd.hpp"
#include "rostro/types.hpp"
