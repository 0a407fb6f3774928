#include "rostro/rank_people.hpp"

#include <algorithm>
#include <cstring>
#include <tuple>
#include <unordered_set>
#include <utility>

#include "match/check_dim.hpp"
#include "rostro/error.hpp"
#include "support/message.hpp"

namespace rostro {

namespace {

using Ranking = std::vector<RankedPerson>;

/// Templates looked at first for each person wanted, for several may be of one person.
constexpr std::size_t kTemplatesAPerson = 4;

struct Hit {
  float similarity;
  std::uint32_t person;
  const PeopleTemplates* part;
  std::size_t row;
};

/// Embeddings, and their codes.
struct Queries {
  Queries(const float* embeddings, std::size_t count, std::size_t columns)
      : floats(embeddings), dim(columns), codes(count * columns), scales(count) {
    quantize_embeddings(embeddings, count, dim, codes.data(), scales.data());
  }

  const float* floats;
  std::size_t dim;
  std::vector<std::int8_t> codes;
  std::vector<float> scales;
};

/// Best first; hits that are equally good are in the order of their parts and rows.
void sort(std::vector<Hit>& hits) {
  std::sort(hits.begin(), hits.end(), [](const Hit& a, const Hit& b) {
    return std::tie(b.similarity, a.part, a.row) < std::tie(a.similarity, b.part, b.row);
  });
}

void rescore(std::vector<Hit>& hits, const float* query) {
  for (Hit& hit : hits) {
    const Templates& rows = hit.part->templates;
    const std::int8_t* codes = rows.codes + hit.row * rows.dim;
    double sum = 0;
    for (std::size_t i = 0; i < rows.dim; ++i) {
      sum += static_cast<double>(codes[i]) * static_cast<double>(query[i]);
    }
    hit.similarity = static_cast<float>(sum) * rows.scales[hit.row];
  }
  sort(hits);
}

/// The first `k` people.
Ranking first_of_each(const std::vector<Hit>& hits, std::size_t k) {
  Ranking ranking;
  std::unordered_set<std::uint32_t> seen;
  for (const Hit& hit : hits) {
    if (seen.insert(hit.person).second) ranking.push_back({hit.person, hit.similarity});
    if (ranking.size() == k) break;
  }
  return ranking;
}

/// The `count` templates most similar to each of some queries, best first.
std::vector<std::vector<Hit>> best_templates(const std::vector<PeopleTemplates>& parts,
                                             const Queries& queries,
                                             const std::vector<std::size_t>& which,
                                             std::size_t count, const RankOptions& options) {
  const std::size_t dim = queries.dim;
  std::vector<std::int8_t> codes(which.size() * dim);
  std::vector<float> scales(which.size());
  for (std::size_t q = 0; q < which.size(); ++q) {
    std::memcpy(&codes[q * dim], &queries.codes[which[q] * dim], dim);
    scales[q] = queries.scales[which[q]];
  }
  const Templates asked{codes.data(), scales.data(), which.size(), dim};
  std::vector<std::vector<Hit>> hits(which.size());
  for (const PeopleTemplates& part : parts) {
    const Matches matches =
        search_int8(part.templates, asked, count, {part.alive, options.threads});
    for (std::size_t i = 0; i < matches.indices.size(); ++i) {
      const auto row = static_cast<std::size_t>(matches.indices[i]);
      hits[i / matches.count].push_back({matches.similarities[i], part.people[row], &part, row});
    }
  }
  for (std::size_t q = 0; q < which.size(); ++q) {
    sort(hits[q]);
    hits[q].resize(std::min(count, hits[q].size()));
    if (options.rescore) rescore(hits[q], queries.floats + which[q] * dim);
  }
  return hits;
}

std::size_t count_templates(const std::vector<PeopleTemplates>& parts) {
  std::size_t total = 0;
  for (const PeopleTemplates& part : parts) {
    const std::size_t rows = part.templates.rows;
    total += part.alive == nullptr
                 ? rows
                 : rows - static_cast<std::size_t>(std::count(part.alive, part.alive + rows, 0));
  }
  return total;
}

}  // namespace

std::vector<Ranking> rank_people(const std::vector<PeopleTemplates>& parts, const float* embeddings,
                                 std::size_t count, std::size_t dim, std::size_t k,
                                 const RankOptions& options) {
  if (k < 1) throw wrong("k", k, "a number of at least 1 is wanted");
  const Queries queries(embeddings, count, dim);
  std::vector<Ranking> rankings(count);
  const std::size_t total = count_templates(parts);
  std::vector<std::size_t> pending;
  for (std::size_t q = 0; q < count && total > 0; ++q) pending.push_back(q);
  // Queries that did not find k people yet look at ever more templates.
  for (std::size_t wanted = std::min(k, total); !pending.empty();) {
    wanted = wanted > total / kTemplatesAPerson ? total : wanted * kTemplatesAPerson;
    const auto hits = best_templates(parts, queries, pending, wanted, options);
    std::vector<std::size_t> left;
    for (std::size_t i = 0; i < pending.size(); ++i) {
      rankings[pending[i]] = first_of_each(hits[i], k);
      if (rankings[pending[i]].size() < k && wanted < total) left.push_back(pending[i]);
    }
    pending = std::move(left);
  }
  return rankings;
}

}  // namespace rostro
