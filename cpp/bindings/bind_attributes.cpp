#include <optional>

#include "bindings.hpp"
#include "choice.hpp"
#include "crop_rule.hpp"
#include "faces.hpp"
#include "images.hpp"
#include "outputs.hpp"
#include "rostro/attributes.hpp"

namespace rostro::python {

namespace {

/// In the order of the enumeration.
constexpr const char* kAttributeKinds[] = {"classes", "flags", "number", "vector", "mask"};

AttributeHead make_head(const std::string& name, const std::string& kind, std::size_t output,
                        std::optional<std::size_t> first, std::size_t count, bool logits,
                        float scale, float offset, bool unit, bool direction,
                        const std::array<int, 3>& signs, const std::vector<std::size_t>& covers) {
  AttributeHead head;
  head.name = name;
  head.kind = choice<AttributeKind>("kind", kind, kAttributeKinds);
  head.output = output;
  head.first = first;
  head.count = count;
  head.logits = logits;
  head.scale = scale;
  head.offset = offset;
  head.unit = unit;
  head.direction = direction;
  head.signs = signs;
  head.covers = covers;
  return head;
}

PoseInput make_pose_input(const std::array<int, 3>& outputs, const std::array<int, 3>& product,
                          const std::array<int, 3>& signs, bool level) {
  return {outputs, {product, signs}, level};
}

std::unique_ptr<Attributes> make_attributes(const std::string& name, const CropRule& crop,
                                            const std::vector<AttributesInput>& inputs,
                                            bool each_eye,
                                            const std::vector<AttributeHead>& heads) {
  return std::make_unique<Attributes>(AttributesSettings{name, crop, inputs, each_eye, heads});
}

/// What the network takes of some faces beside its first crop.
struct Others {
  Others(const Attributes& task, std::size_t count) {
    for (const AttributesInput& input : task.settings().inputs) {
      if (const auto* crop = std::get_if<CropRule>(&input)) {
        arrays.append(CropTensor(*crop, count).array);
      } else {
        arrays.append(py::array_t<float>(Shape{static_cast<py::ssize_t>(count), 3}));
      }
      data.push_back(py::array_t<float>(arrays[arrays.size() - 1]).mutable_data());
    }
  }

  py::list arrays;
  std::vector<float*> data;
};

py::tuple prepare_attributes(const Attributes& task, const py::object& image,
                             const std::string& color, const py::sequence& columns,
                             const std::string& scheme, std::size_t begin, std::size_t count) {
  const HeldImage pixels = held_image(image, pixel_format(color));
  Faces faces = table_of(columns);
  faces.scheme = scheme;
  const CropTensor made(task.settings().crop, task.rows(count));
  const Others others(task, count);
  std::vector<Affine> transforms;
  {
    const py::gil_scoped_release unlocked;
    transforms = task.prepare(pixels, faces, begin, count, made.data, others.data);
  }
  return py::make_tuple(made.array, others.arrays, transform_array(transforms));
}

py::array_t<float> transforms(const Attributes& task, const py::object& image,
                              const std::string& color, const py::sequence& columns,
                              const std::string& scheme) {
  const Size size = held_image(image, pixel_format(color)).size;
  Faces faces = table_of(columns);
  faces.scheme = scheme;
  return transform_array(task.transforms(size, faces, 0, faces.size()));
}

py::dict finish_attributes(const Attributes& task, const py::sequence& outputs,
                           const py::object& transforms, const py::sequence& columns,
                           const std::string& scheme, std::size_t begin) {
  std::vector<AnyOutput> given;
  std::vector<OutputView> views;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const std::string name = "outputs[" + std::to_string(i) + "]";
    given.emplace_back(outputs[i], name.c_str());
    views.push_back(given.back().view);
  }
  const auto moves = input_array<float>(transforms, "transforms", {{kAny, 2, 3}});
  const auto* first = reinterpret_cast<const Affine*>(moves.data());
  const std::vector<Affine> to_image(first, first + moves.shape(0));
  Faces faces = table_of(columns);
  faces.scheme = scheme;
  Faces found;
  {
    const py::gil_scoped_release unlocked;
    found = task.finish(views, to_image, faces, begin);
  }
  return columns_of(found);
}

}  // namespace

void bind_attributes(py::module_& module) {
  const AttributeHead usual;
  py::class_<AttributeHead>(module, "AttributeHead")
      .def(py::init(&make_head), py::kw_only(), py::arg("name"), py::arg("kind"), py::arg("output"),
           py::arg("first"), py::arg("count"), py::arg("logits") = usual.logits,
           py::arg("scale") = usual.scale, py::arg("offset") = usual.offset,
           py::arg("unit") = usual.unit, py::arg("direction") = usual.direction,
           py::arg("signs") = usual.signs, py::arg("covers") = usual.covers);
  py::class_<PoseInput>(module, "PoseInput")
      .def(py::init(&make_pose_input), py::kw_only(), py::arg("outputs"), py::arg("product"),
           py::arg("signs"), py::arg("level"));
  py::class_<Attributes>(module, "AttributesTask")
      .def(py::init(&make_attributes), py::kw_only(), py::arg("name"), py::arg("crop"),
           py::arg("inputs"), py::arg("each_eye"), py::arg("heads"))
      .def_property_readonly("batch", [](const Attributes&) { return Attributes::batch; })
      .def("prepare", &prepare_attributes)
      .def("transforms", &transforms)
      .def("finish", &finish_attributes);
}

}  // namespace rostro::python
