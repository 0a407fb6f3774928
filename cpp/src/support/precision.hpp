#pragma once

namespace rostro {

/// Into the other precision, said in one letter where formulas are read.
inline double d(float value) { return static_cast<double>(value); }
inline float f(double value) { return static_cast<float>(value); }

}  // namespace rostro
