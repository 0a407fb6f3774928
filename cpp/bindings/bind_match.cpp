#include <tuple>
#include <utility>

#include "arrays.hpp"
#include "bindings.hpp"
#include "rostro/match.hpp"
#include "rostro/rank_people.hpp"

namespace rostro::python {

namespace {

py::tuple quantize(const py::object& embeddings) {
  const auto array = input_array<float>(embeddings, "embeddings", {{kAny, kAny}});
  py::array_t<std::int8_t> codes({array.shape(0), array.shape(1)});
  py::array_t<float> scales(array.shape(0));
  const float* data = array.data();
  std::int8_t* code_data = codes.mutable_data();
  float* scale_data = scales.mutable_data();
  const auto rows = static_cast<std::size_t>(array.shape(0));
  const auto dim = static_cast<std::size_t>(array.shape(1));
  {
    const py::gil_scoped_release unlocked;
    quantize_embeddings(data, rows, dim, code_data, scale_data);
  }
  return py::make_tuple(codes, scales);
}

/// Quantised embeddings and the arrays that own them.
struct TemplateArrays {
  TemplateArrays(const py::object& code_object, const char* codes_name,
                 const py::object& scale_object, const char* scales_name)
      : codes(input_array<std::int8_t>(code_object, codes_name, {{kAny, kAny}})),
        scales(input_array<float>(scale_object, scales_name, {{codes.shape(0)}})) {}

  Templates view() const {
    return {codes.data(), scales.data(), static_cast<std::size_t>(codes.shape(0)),
            static_cast<std::size_t>(codes.shape(1))};
  }

  py::array_t<std::int8_t> codes;
  py::array_t<float> scales;
};

py::tuple search(const py::object& codes, const py::object& scales, const py::object& queries,
                 const py::object& query_scales, std::size_t k, const py::object& mask,
                 int threads) {
  const TemplateArrays templates(codes, "codes", scales, "scales");
  const TemplateArrays wanted(queries, "queries", query_scales, "query_scales");
  SearchOptions options;
  options.threads = threads;
  py::array_t<bool> alive;
  if (!mask.is_none()) {
    alive = input_array<bool>(mask, "mask", {{templates.codes.shape(0)}});
    options.alive = static_cast<const std::uint8_t*>(static_cast<const void*>(alive.data()));
  }
  const Templates rows = templates.view(), query_rows = wanted.view();
  Matches matches;
  {
    const py::gil_scoped_release unlocked;
    matches = search_int8(rows, query_rows, k, options);
  }
  const Shape shape = {wanted.codes.shape(0), static_cast<py::ssize_t>(matches.count)};
  return py::make_tuple(new_array(matches.indices, shape), new_array(matches.similarities, shape));
}

/// Parts come as tuples: codes, scales, people, and a mask or None.
std::vector<std::vector<std::pair<std::uint32_t, float>>> rank(const py::list& parts,
                                                               const py::object& embeddings,
                                                               std::size_t k, bool rescore,
                                                               int threads) {
  const auto queries = input_array<float>(embeddings, "embeddings", {{kAny, kAny}});
  std::vector<PeopleTemplates> views;
  std::vector<py::object> owners;
  for (const py::handle& part : parts) {
    const auto fields = py::cast<std::tuple<py::object, py::object, py::object, py::object>>(part);
    const TemplateArrays rows(std::get<0>(fields), "codes", std::get<1>(fields), "scales");
    const Shape shape = {rows.codes.shape(0)};
    const auto people = input_array<std::uint32_t>(std::get<2>(fields), "people", {shape});
    PeopleTemplates view{rows.view(), people.data(), nullptr};
    owners.insert(owners.end(), {rows.codes, rows.scales, people});
    if (!std::get<3>(fields).is_none()) {
      const auto mask = input_array<bool>(std::get<3>(fields), "mask", {shape});
      view.alive = static_cast<const std::uint8_t*>(static_cast<const void*>(mask.data()));
      owners.push_back(mask);
    }
    views.push_back(view);
  }
  const float* data = queries.data();
  const auto count = static_cast<std::size_t>(queries.shape(0));
  const auto dim = static_cast<std::size_t>(queries.shape(1));
  std::vector<std::vector<std::pair<std::uint32_t, float>>> pairs;
  const py::gil_scoped_release unlocked;
  for (const auto& ranking : rank_people(views, data, count, dim, k, {rescore, threads})) {
    auto& people = pairs.emplace_back();
    for (const RankedPerson& each : ranking) people.emplace_back(each.person, each.similarity);
  }
  return pairs;
}

}  // namespace

void bind_match(py::module_& module) {
  module.def("quantize_embeddings", &quantize);
  module.def("search_int8", &search);
  module.def("rank_people", &rank);
}

}  // namespace rostro::python
