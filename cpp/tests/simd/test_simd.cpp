#include <doctest/doctest.h>

#include <cstdlib>
#include <string>

#include "rostro/error.hpp"
#include "rostro/simd.hpp"

using namespace rostro;

TEST_CASE("kernels: the level can be read, forced and put back") {
  const simd::Level before = simd::level();
  CHECK(simd::levels().front() == simd::Level::scalar);
  for (const simd::Level level : simd::levels()) {
    simd::use(level);
    CHECK(simd::level() == level);
    CHECK(simd::find(simd::name(level)) == level);
  }
  simd::use(before);
}

TEST_CASE("kernels: the environment decides the first level") {
  const char* wanted = std::getenv("ROSTRO_TEST_LEVEL");
  if (wanted == nullptr) return;
  CHECK(simd::name(simd::level()) == wanted);
}

TEST_CASE("kernels: an unknown level is refused and the known ones are named") {
  CHECK_THROWS_WITH_AS(simd::find("mmx"), doctest::Contains("scalar"), InvalidArgument);
}
