#include "arrays.hpp"
#include "bindings.hpp"
#include "rostro/similarity.hpp"
#include "rostro/templates.hpp"

namespace rostro::python {

namespace {

py::array_t<float> similarity(const py::object& src, const py::object& dst) {
  const auto to = input_array<float>(dst, "dst", {{kAny, 2}});
  const py::ssize_t count = to.shape(0);
  const auto from = input_array<float>(src, "src", {{count, 2}, {kAny, count, 2}});
  if (count < 2) throw InvalidArgument("dst: got fewer than 2 points; at least 2 are wanted");
  const bool batch = from.ndim() == 3;
  const auto sets = static_cast<std::size_t>(batch ? from.shape(0) : 1);
  std::vector<Affine> transforms(sets);
  {
    const py::gil_scoped_release unlocked;
    estimate_similarities(points_of(from), sets, points_of(to), static_cast<std::size_t>(count),
                          transforms.data());
  }
  static_assert(sizeof(Affine) == 6 * sizeof(float));
  return py::array_t<float>(batch ? Shape{from.shape(0), 2, 3} : Shape{2, 3},
                            reinterpret_cast<const float*>(transforms.data()));
}

py::array_t<float> template_points(const std::string& name, int width, int height) {
  const CropTemplate target = find_template(name, {width, height});
  py::array_t<float> result(Shape{kLandmarks, 2});
  std::copy(target.points, target.points + kLandmarks,
            reinterpret_cast<Point*>(result.mutable_data()));
  return result;
}

}  // namespace

void bind_geometry(py::module_& module) {
  module.def("estimate_similarity", &similarity);
  module.def("template_points", &template_points);
}

}  // namespace rostro::python
