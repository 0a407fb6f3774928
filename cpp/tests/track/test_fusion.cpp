#include "rostro/fusion.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "rostro/error.hpp"

using namespace rostro;

TEST_CASE("fusion: a mean is weighted and of unit norm") {
  MeanTemplate mean(2);
  float out[2];
  CHECK(!mean.result(out));
  CHECK(out[0] == 0);
  const float x[2] = {1, 0}, y[2] = {0, 1};
  mean.add(x, 4);
  mean.add(y, 3);
  CHECK(mean.result(out));
  CHECK(out[0] == doctest::Approx(0.8));
  CHECK(out[1] == doctest::Approx(0.6));
}

TEST_CASE("fusion: a hundred alike weigh no more than one center") {
  const float x[2] = {1, 0}, y[2] = {0, 1};
  MeanTemplate mean(2);
  ClusterTemplate clusters({1, 0, 0, 1}, 2, {}, 20);
  for (int i = 0; i < 100; ++i) {
    mean.add(x, 1);
    clusters.add(x, 1);
  }
  for (int i = 0; i < 10; ++i) {
    mean.add(y, 1);
    clusters.add(y, 1);
  }
  float of_mean[2], of_clusters[2];
  mean.result(of_mean);
  clusters.result(of_clusters);
  CHECK(of_mean[1] < 0.1);
  CHECK(of_clusters[1] > 0.6);
}

TEST_CASE("fusion: what cannot be fused is told") {
  MeanTemplate mean(2);
  const float bad[2] = {1, std::nanf("")}, good[2] = {1, 0};
  CHECK_THROWS_AS(mean.add(bad, 1), InvalidArgument);
  CHECK_THROWS_WITH_AS(mean.add(good, -1), doctest::Contains("weight: got -1"), InvalidArgument);
  CHECK_THROWS_AS(mean.merge(MeanTemplate(3)), InvalidArgument);
  CHECK_THROWS_AS(MeanTemplate(0), InvalidArgument);
  CHECK_THROWS_AS(ClusterTemplate({1, 2, 3}, 2, {}, 1), InvalidArgument);
  CHECK_THROWS_AS(ClusterTemplate({1, 2}, 2, {1, 1}, 1), InvalidArgument);
  CHECK_THROWS_AS(ClusterTemplate({1, 2}, 2, {}, -1), InvalidArgument);
  ClusterTemplate clusters({1, 0}, 2, {}, 1);
  CHECK_THROWS_AS(clusters.merge(ClusterTemplate({0, 1}, 2, {}, 1)), InvalidArgument);
}
