#pragma once

namespace rostro {

inline constexpr double kPi = 3.14159265358979323846;

inline double radians(double degrees) { return degrees * (kPi / 180); }
inline double degrees(double radians) { return radians * (180 / kPi); }

}  // namespace rostro
