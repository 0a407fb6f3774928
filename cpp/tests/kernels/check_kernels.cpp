#include <cmath>
#include <cstring>

#include "kernels/case.hpp"
#include "kernels/rig.hpp"

using namespace rostro;
using rig::Call;
using rig::Case;

namespace {

std::vector<double> outcome(Call& call, const KernelTable& kernel) {
  call.clear();
  call.prepare(kernel);
  call.run(kernel);
  return call.result();
}

/// Whether the numbers are wanted, bit for bit or to the tolerance of the call.
bool as_wanted(const Call& call, const std::vector<double>& found,
               const std::vector<double>& wanted) {
  if (found.size() != wanted.size()) return false;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (std::memcmp(&found[i], &wanted[i], sizeof found[i]) == 0) continue;
    const double tolerance = call.tolerance(i, wanted[i]);
    if (tolerance == 0 || !(std::abs(found[i] - wanted[i]) <= tolerance)) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("kernels: every level gives what scalar gives") {
  for (const Case& test : rig::cases()) {
    SUBCASE(std::string(test.kernel).c_str()) {
      rig::for_each_level([&](const KernelTable& kernel, std::mt19937& random) {
        int calls = 0;
        test.check(random, [&](Call& call) {
          const std::vector<double> wanted = outcome(call, kernels(simd::Level::scalar));
          const std::vector<double> found = outcome(call, kernel);
          INFO(call.text());
          REQUIRE(as_wanted(call, found, wanted));
          ++calls;
        });
        CHECK(calls > 0);
      });
    }
  }
}

TEST_CASE("kernels: each of the list has one case, with typical calls that run") {
  std::vector<std::string> listed, found;
#define ROSTRO_NAME(Fn, name) listed.emplace_back(#name);
  ROSTRO_KERNELS(ROSTRO_NAME)
#undef ROSTRO_NAME
  std::mt19937 random(1);
  for (const Case& test : rig::cases()) {
    found.emplace_back(test.kernel);
    const std::vector<rig::Work> works = test.works(random);
    CHECK(!works.empty());
    for (const rig::Work& work : works) {
      CAPTURE(work.name);
      CHECK(work.name.rfind(std::string(test.kernel) + ": ", 0) == 0);
      CHECK(!outcome(*work.call, kernels()).empty());
    }
  }
  std::sort(listed.begin(), listed.end());
  std::sort(found.begin(), found.end());
  CHECK(found == listed);
}
