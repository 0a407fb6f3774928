#pragma once

#include <string>
#include <vector>

namespace rostro {

/// The numbers of an array of an .npz file, as numpy.savez writes one: not compressed, float32 or
/// float64, in C order. Throws StatusError for a file that is missing, or is none.
std::vector<float> read_npz(const std::string& path, const std::string& array);

}  // namespace rostro
