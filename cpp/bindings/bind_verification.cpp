#include "arrays.hpp"
#include "bindings.hpp"
#include "rostro/verification.hpp"

namespace rostro::python {

namespace {

PairList pair_list(const py::array_t<std::int32_t>& first,
                   const py::array_t<std::int32_t>& second) {
  return {first.data(), second.data(), static_cast<std::size_t>(first.shape(0))};
}

py::array_t<float> score_float32(const py::object& embeddings, const py::object& first,
                                 const py::object& second) {
  const auto rows = input_array<float>(embeddings, "embeddings", {{kAny, kAny}});
  const auto a = input_array<std::int32_t>(first, "first", {{kAny}});
  const auto b = input_array<std::int32_t>(second, "second", {{a.shape(0)}});
  py::array_t<float> scores(a.shape(0));
  float* out = scores.mutable_data();
  {
    const py::gil_scoped_release unlocked;
    score_pairs(rows.data(), static_cast<std::size_t>(rows.shape(0)),
                static_cast<std::size_t>(rows.shape(1)), pair_list(a, b), out);
  }
  return scores;
}

py::array_t<float> score_int8(const py::object& codes, const py::object& scales,
                              const py::object& first, const py::object& second) {
  const auto rows = input_array<std::int8_t>(codes, "codes", {{kAny, kAny}});
  const auto row_scales = input_array<float>(scales, "scales", {{rows.shape(0)}});
  const auto a = input_array<std::int32_t>(first, "first", {{kAny}});
  const auto b = input_array<std::int32_t>(second, "second", {{a.shape(0)}});
  const Templates templates{rows.data(), row_scales.data(), static_cast<std::size_t>(rows.shape(0)),
                            static_cast<std::size_t>(rows.shape(1))};
  py::array_t<float> scores(a.shape(0));
  float* out = scores.mutable_data();
  {
    const py::gil_scoped_release unlocked;
    score_pairs(templates, pair_list(a, b), out);
  }
  return scores;
}

/// What all scorings take: checked arrays and the views of them.
struct ScoredPairs {
  ScoredPairs(const py::object& score_array, const py::object& same_array)
      : scores(input_array<float>(score_array, "scores", {{kAny}})),
        same(input_array<bool>(same_array, "same", {{scores.shape(0)}})),
        comparisons{scores.data(), same.data(), static_cast<std::size_t>(scores.shape(0))} {}

  py::array_t<float> scores;
  py::array_t<bool> same;
  Comparisons comparisons;
};

struct Samples {
  Samples(const py::object& count_array, const py::object& first_array,
          const py::object& second_array, py::ssize_t comparisons)
      : counts(input_array<std::int32_t>(count_array, "counts", {{kAny, kAny}})),
        first(input_array<std::int32_t>(first_array, "first", {{comparisons}})),
        second(input_array<std::int32_t>(second_array, "second", {{comparisons}})),
        resampling{counts.data(), static_cast<std::size_t>(counts.shape(0)),
                   static_cast<std::size_t>(counts.shape(1)), pair_list(first, second)} {}

  py::array_t<std::int32_t> counts, first, second;
  Resampling resampling;
};

py::tuple roc(const py::object& scores, const py::object& same) {
  const ScoredPairs request(scores, same);
  RocCurve curve;
  {
    const py::gil_scoped_release unlocked;
    curve = roc_curve(request.comparisons);
  }
  const auto n = static_cast<py::ssize_t>(curve.thresholds.size());
  return py::make_tuple(new_array(curve.thresholds, {n}), new_array(curve.false_matches, {n}),
                        new_array(curve.true_matches, {n}));
}

py::tuple rates(const py::object& scores, const py::object& same, const py::object& counts,
                const py::object& first, const py::object& second,
                const std::vector<double>& false_accept_rates) {
  const ScoredPairs request(scores, same);
  const Samples samples(counts, first, second, request.scores.shape(0));
  VerificationRates result;
  {
    const py::gil_scoped_release unlocked;
    result = verification_rates(request.comparisons, samples.resampling, false_accept_rates);
  }
  const py::ssize_t n = samples.counts.shape(0);
  const auto k = static_cast<py::ssize_t>(false_accept_rates.size());
  return py::make_tuple(new_array(result.equal_error, {n}), new_array(result.accepted, {n, k}),
                        new_array(result.thresholds, {n, k}));
}

py::array_t<double> accuracies(const py::object& scores, const py::object& same,
                               const py::object& folds, std::size_t fold_count,
                               const py::object& counts, const py::object& first,
                               const py::object& second) {
  const ScoredPairs request(scores, same);
  const auto fold_array = input_array<std::int32_t>(folds, "folds", {{request.scores.shape(0)}});
  const Samples samples(counts, first, second, request.scores.shape(0));
  std::vector<double> result;
  {
    const py::gil_scoped_release unlocked;
    result =
        fold_accuracies(request.comparisons, fold_array.data(), fold_count, samples.resampling);
  }
  return new_array(result, {samples.counts.shape(0), static_cast<py::ssize_t>(fold_count)});
}

}  // namespace

void bind_verification(py::module_& module) {
  module.def("score_pairs_float32", &score_float32);
  module.def("score_pairs_int8", &score_int8);
  module.def("roc_curve", &roc);
  module.def("verification_rates", &rates);
  module.def("fold_accuracies", &accuracies);
}

}  // namespace rostro::python
