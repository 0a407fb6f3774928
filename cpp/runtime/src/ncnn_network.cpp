#include <net.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <utility>

#include "guarded.hpp"
#include "rostro/runtime/ncnn.hpp"

namespace rostro {

namespace {

constexpr std::string_view kParamMagic = "7767517";

/// ncnn's own parser prints, and may die, on a file that is none of its own.
void check_files(const std::string& param, const std::string& weights) {
  std::ifstream file(param, std::ios::binary);
  if (!file) throw StatusError(StatusCode::not_found, param + ": no such file");
  std::string first(kParamMagic.size(), '\0');
  file.read(first.data(), static_cast<std::streamsize>(first.size()));
  if (first != kParamMagic) {
    throw StatusError(StatusCode::wrong_file,
                      "ncnn cannot load " + param + ": got no .param file of ncnn");
  }
  if (!std::ifstream(weights)) {
    throw StatusError(StatusCode::not_found,
                      weights + ": no such file; the weights of " + param + " are wanted");
  }
}

std::unique_ptr<ncnn::Net> loaded(const std::string& param, const std::string& weights,
                                  int threads) {
  auto net = std::make_unique<ncnn::Net>();
  // As in python/rostro/engines/ncnn_net.py: float16, ncnn's default where the CPU has it,
  // overflows on networks that take pixels of 0 to 255.
  net->opt.num_threads = threads;
  net->opt.use_fp16_packed = net->opt.use_fp16_storage = net->opt.use_fp16_arithmetic = false;
  net->opt.use_bf16_storage = false;
  if (net->load_param(param.c_str()) != 0 || net->load_model(weights.c_str()) != 0) {
    throw StatusError(StatusCode::wrong_file, "ncnn cannot load " + param + " and " + weights);
  }
  return net;
}

std::vector<std::string> texts(const std::vector<const char*>& names) {
  return {names.begin(), names.end()};
}

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Those that pnnx made: in0, in1, or out0, out1.
bool is_of_pnnx(std::vector<std::string> names, const std::string& word) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!holds(names, word + std::to_string(i))) return false;
  }
  return true;
}

/// Under which names the network has what is `wanted`.
std::vector<std::string> blobs(const std::string& param, const std::vector<std::string>& known,
                               const std::vector<std::string>& wanted, const std::string& word) {
  if (std::all_of(wanted.begin(), wanted.end(),
                  [&](const std::string& name) { return holds(known, name); })) {
    return wanted;
  }
  if (wanted.size() != known.size() || !is_of_pnnx(known, word)) {
    std::string names;
    for (const std::string& name : known) names += (names.empty() ? "" : ", ") + name;
    throw StatusError(StatusCode::wrong_model, param + ": " + std::to_string(wanted.size()) + " " +
                                                   word + "puts of the card are wanted; it has " +
                                                   names);
  }
  std::vector<std::string> numbered;
  for (std::size_t i = 0; i < known.size(); ++i) numbered.push_back(word + std::to_string(i));
  return numbered;
}

class NcnnNetwork : public Network {
 public:
  NcnnNetwork(const std::string& param, std::unique_ptr<ncnn::Net> net,
              std::vector<TensorInfo> inputs, std::vector<TensorInfo> outputs,
              std::vector<std::string> in, std::vector<std::string> out)
      : Network(param, std::move(inputs), std::move(outputs)),
        net_(std::move(net)),
        in_(std::move(in)),
        out_(std::move(out)),
        given_(in_.size()),
        numbers_(out_.size()) {}

 private:
  void compute(const std::vector<Tensor>& inputs, std::vector<Tensor>& outputs) override {
    ncnn::Extractor extractor = net_->create_extractor();
    extractor.set_blob_allocator(&blobs_);
    extractor.set_workspace_allocator(&workspace_);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      fill(inputs[i], given_[i]);
      check(extractor.input(in_[i].c_str(), given_[i]), in_[i]);
    }
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      ncnn::Mat found;
      check(extractor.extract(out_[i].c_str(), found), out_[i]);
      if (found.empty()) check(-1, out_[i]);
      outputs[i] = copied(found, numbers_[i]);
    }
  }

  void check(int status, const std::string& blob) const {
    if (status == 0) return;
    throw StatusError(StatusCode::network_failed, "ncnn cannot run " + name() + ": no " + blob +
                                                      " (status " + std::to_string(status) + ")");
  }

  /// A copy: a first layer that works in place would write over the caller's numbers. One that is
  /// kept, so that such a layer makes one of its own.
  static void fill(const Tensor& tensor, ncnn::Mat& mat) {
    const auto side = [&](std::size_t from_last) {
      return from_last < tensor.rank ? static_cast<int>(tensor.sides[tensor.rank - from_last]) : 1;
    };
    if (tensor.rank == 2) mat.create(side(1));
    if (tensor.rank == 3) mat.create(side(1), side(2));
    if (tensor.rank == 4) mat.create(side(1), side(2), side(3));
    const auto of_channel = static_cast<std::size_t>(mat.w) * static_cast<std::size_t>(mat.h);
    for (int c = 0; c < mat.c; ++c) {
      std::memcpy(mat.channel(c).data, tensor.data + static_cast<std::size_t>(c) * of_channel,
                  of_channel * sizeof(float));
    }
  }

  /// Its numbers next to each other; ncnn leaves gaps between channels.
  static Tensor copied(const ncnn::Mat& mat, std::vector<float>& numbers) {
    const auto of_channel = static_cast<std::size_t>(mat.w) * static_cast<std::size_t>(mat.h) *
                            static_cast<std::size_t>(mat.d);
    numbers.resize(of_channel * static_cast<std::size_t>(mat.c));
    for (int c = 0; c < mat.c; ++c) {
      std::memcpy(numbers.data() + static_cast<std::size_t>(c) * of_channel, mat.channel(c).data,
                  of_channel * sizeof(float));
    }
    Tensor tensor{numbers.data(), {1}, 1};
    const int sides[] = {mat.c, mat.d, mat.h, mat.w};
    constexpr int kDepth = 1;
    for (int i = 0; i < 4; ++i) {
      const bool there = mat.dims == 4 || (i != kDepth && (mat.dims == 3 || i >= 4 - mat.dims));
      if (there) tensor.sides[tensor.rank++] = sides[i];
    }
    return tensor;
  }

  std::unique_ptr<ncnn::Net> net_;
  std::vector<std::string> in_, out_;
  ncnn::UnlockedPoolAllocator blobs_;
  ncnn::PoolAllocator workspace_;
  std::vector<ncnn::Mat> given_;
  std::vector<std::vector<float>> numbers_;  ///< of the outputs
};

}  // namespace

bool has_ncnn() { return true; }

Status open_ncnn_network(const std::string& param, const std::string& weights,
                         const NcnnOptions& options, std::unique_ptr<Network>& network) {
  return guarded([&] {
    if (options.threads < 1) {
      throw StatusError(
          StatusCode::invalid_argument,
          "threads: got " + std::to_string(options.threads) + "; 1 or more is wanted");
    }
    for (const TensorInfo& input : options.inputs) {
      if (input.sides.size() >= 2 && input.sides.size() <= 4 && input.sides[0] == 1) continue;
      throw StatusError(StatusCode::invalid_argument,
                        "inputs: got " + input.name + " of " + std::to_string(input.sides.size()) +
                            " sides; 2 to 4 are wanted, the first of them 1");
    }
    check_files(param, weights);
    std::unique_ptr<ncnn::Net> net = loaded(param, weights, options.threads);
    const std::vector<std::string> known = texts(net->output_names());
    const std::vector<std::string> names = options.outputs.empty() ? known : options.outputs;
    std::vector<TensorInfo> outputs;
    for (const std::string& name : names) outputs.push_back({name, {}});
    std::vector<std::string> wanted;
    for (const TensorInfo& input : options.inputs) wanted.push_back(input.name);
    std::vector<std::string> in = blobs(param, texts(net->input_names()), wanted, "in");
    std::vector<std::string> out = blobs(param, known, names, "out");
    network = std::make_unique<NcnnNetwork>(param, std::move(net), options.inputs,
                                            std::move(outputs), std::move(in), std::move(out));
  });
}

}  // namespace rostro
