#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "rostro/attributes.hpp"

// What each kind of head makes of a network's numbers, a row for each crop.
namespace rostro {

/// Throws InvalidArgument for a head that makes no sense.
void check_head(const AttributeHead& head);

/// Throws ModelMismatch, in the name of `network`, where the output is not the head's.
void check_output(const std::string& network, const AttributeHead& head, const OutputView& output,
                  std::size_t rows);

/// What a head gives, a row for each of `transforms`, those of the crops; not of masks. Throws
/// ModelMismatch for what are no probabilities, NetworkError for what is not finite.
void decode_head(const std::string& network, const AttributeHead& head, const OutputView& output,
                 const std::vector<Affine>& transforms, float* out);

/// Masks of `size`: the class whose map is the largest, the first of several, at the pixel of the
/// maps that the middle of each pixel lies in. Of one map 1 where it says yes.
void decode_mask(const AttributeHead& head, const OutputView& output, std::size_t rows, Size size,
                 std::uint8_t* out);

}  // namespace rostro
