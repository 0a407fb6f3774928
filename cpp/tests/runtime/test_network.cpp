#include <doctest/doctest.h>

#include <atomic>
#include <thread>

#include "rostro/error.hpp"
#include "rostro/runtime/ncnn.hpp"
#include "rostro/runtime/onnxruntime.hpp"
#include "rostro/runtime/recorded_network.hpp"
#include "support/allocations.hpp"

using namespace rostro;

namespace {

Tensor tensor_of(const std::vector<float>& numbers, std::int64_t rows, std::int64_t columns) {
  return {numbers.data(), {rows, columns}, 2};
}

Recording recording(std::vector<float> input, std::vector<float> output) {
  const auto in = static_cast<std::int64_t>(input.size());
  const auto out = static_cast<std::int64_t>(output.size());
  return {{{"in", {1, in}, std::move(input)}}, {{"out", {1, out}, std::move(output)}}};
}

/// A network that waits within its run.
class Slow : public Network {
 public:
  Slow() : Network("slow", {{"in", {1, 1}}}, {}) {}
  std::atomic<bool> entered{false}, may_end{false};

 private:
  void compute(const std::vector<Tensor>&, std::vector<Tensor>&) override {
    entered = true;
    while (!may_end) std::this_thread::yield();
  }
};

}  // namespace

TEST_CASE("network: a recorded one gives what was recorded, without memory from the second run") {
  RecordedNetwork network({recording({1, 2}, {10, 20, 30}), recording({3, 4}, {40, 50, 60})});
  REQUIRE(network.inputs().size() == 1);
  CHECK(network.inputs()[0].name == "in");
  CHECK(network.outputs()[0].sides == std::vector<std::int64_t>{1, 3});
  const std::vector<float> numbers = {3, 4};
  const std::vector<Tensor> inputs = {tensor_of(numbers, 1, 2)};
  std::vector<Tensor> outputs;
  must(network.run(inputs, outputs));
  REQUIRE(outputs.size() == 1);
  CHECK(outputs[0].data[1] == 50);
  CHECK(testing::allocations_of([&] { must(network.run(inputs, outputs)); }) == 0);
}

TEST_CASE("network: inputs that it does not take are refused with a sentence") {
  RecordedNetwork network({recording({1, 2}, {10})});
  std::vector<Tensor> outputs;
  Status status = network.run({}, outputs);
  CHECK(status.code == StatusCode::invalid_argument);
  CHECK(status.message == "recorded network: got 0 inputs; 1 are wanted");
  const std::vector<float> numbers = {1, 2, 3};
  status = network.run({tensor_of(numbers, 1, 3)}, outputs);
  CHECK(status.message == "recorded network: its input in: got (1, 3); (1, 2) is wanted");
  status = network.run({{nullptr, {1, 2}, 2}}, outputs);
  CHECK(status.message == "recorded network: its input in: got no numbers; (1, 2) is wanted");
  status = network.run({tensor_of(numbers, 1, 2)}, outputs);
  CHECK(status.ok());
  const std::vector<float> others = {2, 1};
  status = network.run({tensor_of(others, 1, 2)}, outputs);
  CHECK(status.code == StatusCode::network_failed);
  CHECK_THROWS_AS(must(status), StatusError);
}

TEST_CASE("network: a second thread is refused while one runs it") {
  Slow network;
  const std::vector<float> number = {1};
  const std::vector<Tensor> inputs = {tensor_of(number, 1, 1)};
  Status first;
  std::thread other([&] {
    std::vector<Tensor> outputs;
    first = network.run(inputs, outputs);
  });
  while (!network.entered) std::this_thread::yield();
  std::vector<Tensor> outputs;
  const Status second = network.run(inputs, outputs);
  CHECK(second.code == StatusCode::busy);
  CHECK(second.message == "slow: runs in another thread; one for each thread is wanted");
  network.may_end = true;
  other.join();
  CHECK(first.ok());
  CHECK(network.run(inputs, outputs).ok());
}

TEST_CASE("network: an output's last three sides are what tasks see") {
  const float numbers[24] = {};
  const OutputView view = view_of({numbers, {1, 2, 3, 4}, 4});
  CHECK(view.planes == 2);
  CHECK(view.rows == 3);
  CHECK(view.columns == 4);
  CHECK(view_of({numbers, {24}, 1}).columns == 24);
  CHECK_THROWS_AS(view_of({numbers, {2, 2, 3, 2}, 4}), ModelMismatch);
}

TEST_CASE("onnxruntime: libraries that are none are refused with a sentence") {
  std::shared_ptr<const OnnxRuntime> library;
  Status status = open_onnxruntime("/no/such/libonnxruntime.so", library);
  CHECK(status.code == StatusCode::wrong_library);
  CHECK(status.message.find("cannot be opened") != std::string::npos);
  CHECK(!library);
  status = open_onnxruntime("libm.so.6", library);
  CHECK(status.code == StatusCode::wrong_library);
  CHECK(status.message ==
        "libm.so.6: got a library without OrtGetApiBase; ONNX Runtime's is wanted");
  std::unique_ptr<Network> network;
  status = open_network(library, "x.onnx", {}, network);
  CHECK(status.code == StatusCode::invalid_argument);
}

TEST_CASE("network: what ncnn cannot load is refused, and all of it where there is no ncnn") {
  std::unique_ptr<Network> network;
  const NcnnOptions options{1, {{"in0", {1, 3, 8, 8}}}};
  const Status status = open_ncnn_network("none.param", "none.bin", options, network);
  CHECK(status.code == (has_ncnn() ? StatusCode::not_found : StatusCode::wrong_library));
  if (has_ncnn()) {
    CHECK(open_ncnn_network("/proc/self/exe", "none.bin", options, network).code ==
          StatusCode::wrong_file);
    CHECK(open_ncnn_network("none.param", "none.bin", {1, {{"in0", {2, 3}}}}, network).code ==
          StatusCode::invalid_argument);
  }
  CHECK(network == nullptr);
}
