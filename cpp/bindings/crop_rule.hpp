#pragma once

#include <vector>

#include "arrays.hpp"
#include "rostro/crop_rule.hpp"

namespace rostro::python {

/// Room for so many crops of a rule: count x 3 x height x width.
struct CropTensor {
  CropTensor(const CropRule& rule, std::size_t count)
      : array(Shape{static_cast<py::ssize_t>(count), 3, rule.size.height, rule.size.width}) {
    data = array.mutable_data();
  }

  py::array_t<float> array;
  float* data = nullptr;
};

/// (N, 2, 3)
py::array_t<float> transform_array(const std::vector<Affine>& transforms);

}  // namespace rostro::python
