#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "rostro/match.hpp"

namespace rostro {

/// A part of a gallery: templates, and whose each is.
struct PeopleTemplates {
  Templates templates;
  const std::uint32_t* people = nullptr;  ///< a number a row
  const std::uint8_t* alive = nullptr;    ///< as in SearchOptions
};

struct RankOptions {
  bool rescore = false;  ///< compare the best templates once more with the floats of the query
  int threads = 1;       ///< the rows of a part are shared out among so many
};

/// A person, and the similarity of the best of their templates.
struct RankedPerson {
  std::uint32_t person;
  float similarity;
};

/// The `k` people most similar to each of `count` embeddings of `dim` floats, best first; fewer
/// where there are fewer. A person is as similar as the best of their templates, by search_int8 of
/// the quantised embedding; ties: the template that comes first. With `rescore` the best templates,
/// 4 for each person wanted, are put in order by
///   float(sum of code * query, in float64) * scale of the row.
///
/// Throws InvalidArgument as quantize_embeddings and search_int8 do, and for parts of another
/// dimension than `dim`.
///
/// Thread-safe. Every SIMD level gives the same bits, for any number of threads and however the
/// templates are divided into parts.
std::vector<std::vector<RankedPerson>> rank_people(const std::vector<PeopleTemplates>& parts,
                                                   const float* embeddings, std::size_t count,
                                                   std::size_t dim, std::size_t k,
                                                   const RankOptions& options = {});

}  // namespace rostro
