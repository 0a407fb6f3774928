#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "guarded.hpp"
#include "onnxruntime_library.hpp"

namespace rostro {

namespace {

using Library = std::shared_ptr<const OnnxRuntime>;

/// The inputs or the outputs of a session: how many, the name and the type of each.
struct Side {
  decltype(OrtApi::SessionGetInputCount) count;
  decltype(OrtApi::SessionGetInputName) name;
  decltype(OrtApi::SessionGetInputTypeInfo) type;
  const char* word;
};

/// Opened files, and what is asked of them before a session is made of it.
class Loader {
 public:
  Loader(Library library, std::string file, const OnnxOptions& options)
      : library_(std::move(library)), file_(std::move(file)), options_(options) {}

  OrtPtr<OrtSession> session() const {
    struct stat about = {};
    if (stat(file_.c_str(), &about) != 0) {
      throw StatusError(StatusCode::not_found, file_ + ": no such file");
    }
    if (options_.threads < 1) {
      throw StatusError(
          StatusCode::invalid_argument,
          "threads: got " + std::to_string(options_.threads) + "; 1 or more is wanted");
    }
    OrtSessionOptions* made = nullptr;
    check(api().CreateSessionOptions(&made));
    const auto settings = owned(made, api().ReleaseSessionOptions);
    // As in python/rostro/engines/onnx_load.py.
    check(api().SetIntraOpNumThreads(made, options_.threads));
    check(api().SetInterOpNumThreads(made, 1));
    check(api().SetSessionExecutionMode(made, ORT_SEQUENTIAL));
    check(api().SetSessionLogSeverityLevel(made, 4));
    check(api().AddSessionConfigEntry(made, "session.intra_op.allow_spinning", "0"));
    OrtSession* session = nullptr;
    check(api().CreateSession(library_->env(), file_.c_str(), made, &session));
    return owned(session, api().ReleaseSession);
  }

  std::vector<TensorInfo> inputs(const OrtSession* session) const {
    return infos(session,
                 {api().SessionGetInputCount, api().SessionGetInputName,
                  api().SessionGetInputTypeInfo, "input"},
                 options_.inputs);
  }
  std::vector<TensorInfo> outputs(const OrtSession* session) const {
    return infos(session,
                 {api().SessionGetOutputCount, api().SessionGetOutputName,
                  api().SessionGetOutputTypeInfo, "output"},
                 options_.outputs);
  }

 private:
  const OrtApi& api() const { return library_->api(); }

  void check(OrtStatus* status) const {
    library_->check(status, StatusCode::wrong_file, "onnxruntime cannot load " + file_);
  }

  /// Those of `wanted` in its order, all where it is empty. Every input must be given.
  std::vector<TensorInfo> infos(const OrtSession* session, const Side& side,
                                const std::vector<std::string>& wanted) const {
    OrtAllocator* memory = nullptr;
    check(api().GetAllocatorWithDefaultOptions(&memory));
    std::size_t count = 0;
    check(side.count(session, &count));
    std::vector<TensorInfo> known;
    std::string names;
    for (std::size_t i = 0; i < count; ++i) {
      char* name = nullptr;
      check(side.name(session, i, memory, &name));
      known.push_back({name, {}});
      names += i == 0 ? "" : ", ";
      names += known.back().name;
      check(api().AllocatorFree(memory, name));
      known.back().sides = sides(session, i, side, known.back().name);
    }
    if (wanted.empty()) return known;
    const auto missing = [&](const std::string& name) {
      return StatusError(StatusCode::wrong_model,
                         file_ + ": no " + side.word + " " + name + "; it has " + names);
    };
    std::vector<TensorInfo> chosen;
    for (const std::string& name : wanted) {
      const auto found = std::find_if(known.begin(), known.end(),
                                      [&](const TensorInfo& info) { return info.name == name; });
      if (found == known.end()) throw missing(name);
      chosen.push_back(*found);
    }
    return chosen;
  }

  std::vector<std::int64_t> sides(const OrtSession* session, std::size_t i, const Side& side,
                                  const std::string& name) const {
    OrtTypeInfo* type = nullptr;
    check(side.type(session, i, &type));
    const auto held = owned(type, api().ReleaseTypeInfo);
    const OrtTensorTypeAndShapeInfo* tensor = nullptr;
    check(api().CastTypeInfoToTensorInfo(type, &tensor));
    ONNXTensorElementDataType element = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
    if (tensor != nullptr) check(api().GetTensorElementType(tensor, &element));
    if (element != ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT) {
      throw StatusError(StatusCode::wrong_model, file_ + ": its " + side.word + " " + name +
                                                     ": got another type; float32 is wanted");
    }
    std::size_t rank = 0;
    check(api().GetDimensionsCount(tensor, &rank));
    if (rank > kMostSides) {
      throw StatusError(StatusCode::wrong_model, file_ + ": its " + side.word + " " + name +
                                                     ": got " + std::to_string(rank) + " sides; " +
                                                     std::to_string(kMostSides) +
                                                     " at most are wanted");
    }
    std::vector<std::int64_t> lengths(rank);
    check(api().GetDimensions(tensor, lengths.data(), rank));
    return lengths;
  }

  Library library_;
  std::string file_;
  const OnnxOptions& options_;
};

class OnnxNetwork : public Network {
 public:
  OnnxNetwork(Library library, const std::string& file, OrtPtr<OrtSession> session,
              std::vector<TensorInfo> inputs, std::vector<TensorInfo> outputs)
      : Network(file, std::move(inputs), std::move(outputs)),
        library_(std::move(library)),
        session_(std::move(session)),
        given_(this->inputs().size()),
        values_(this->inputs().size()),
        results_(this->outputs().size()) {
    OrtMemoryInfo* memory = nullptr;
    check(api().CreateCpuMemoryInfo(OrtArenaAllocator, OrtMemTypeDefault, &memory));
    memory_ = owned(memory, api().ReleaseMemoryInfo);
    for (const TensorInfo& input : this->inputs()) input_names_.push_back(input.name.c_str());
    for (const TensorInfo& output : this->outputs()) output_names_.push_back(output.name.c_str());
    raw_inputs_.resize(values_.size());
    raw_outputs_.resize(results_.size());
  }

 private:
  const OrtApi& api() const { return library_->api(); }

  void check(OrtStatus* status) const {
    // The common case makes no text.
    if (status == nullptr) return;
    library_->check(status, StatusCode::network_failed, "onnxruntime cannot run " + name());
  }

  void compute(const std::vector<Tensor>& inputs, std::vector<Tensor>& outputs) override {
    for (std::size_t i = 0; i < inputs.size(); ++i) wrap(i, inputs[i]);
    results_.clear();  // what the last run gave
    std::fill(raw_outputs_.begin(), raw_outputs_.end(), nullptr);
    check(api().Run(session_.get(), nullptr, input_names_.data(), raw_inputs_.data(),
                    raw_inputs_.size(), output_names_.data(), raw_outputs_.size(),
                    raw_outputs_.data()));
    for (OrtValue* value : raw_outputs_) results_.push_back(owned(value, api().ReleaseValue));
    for (std::size_t i = 0; i < outputs.size(); ++i) outputs[i] = seen(raw_outputs_[i]);
  }

  /// The library's own handle of an input, made anew where it lies elsewhere than in the last run.
  void wrap(std::size_t i, const Tensor& tensor) {
    Tensor& last = given_[i];
    if (values_[i] != nullptr && last.data == tensor.data && last.rank == tensor.rank &&
        last.sides == tensor.sides) {
      return;
    }
    OrtValue* value = nullptr;
    // It is not written to.
    check(api().CreateTensorWithDataAsOrtValue(
        memory_.get(), const_cast<float*>(tensor.data), tensor.size() * sizeof(float),
        tensor.sides.data(), tensor.rank, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, &value));
    values_[i] = owned(value, api().ReleaseValue);
    raw_inputs_[i] = value;
    last = tensor;
  }

  Tensor seen(OrtValue* value) const {
    Tensor tensor;
    OrtTensorTypeAndShapeInfo* shape = nullptr;
    check(api().GetTensorTypeAndShape(value, &shape));
    const auto held = owned(shape, api().ReleaseTensorTypeAndShapeInfo);
    check(api().GetDimensionsCount(shape, &tensor.rank));
    if (tensor.rank > kMostSides) {
      throw StatusError(StatusCode::network_failed,
                        name() + ": gave " + std::to_string(tensor.rank) + " sides");
    }
    check(api().GetDimensions(shape, tensor.sides.data(), tensor.rank));
    void* data = nullptr;
    check(api().GetTensorMutableData(value, &data));
    tensor.data = static_cast<const float*>(data);
    return tensor;
  }

  Library library_;
  OrtPtr<OrtSession> session_;
  OrtPtr<OrtMemoryInfo> memory_;
  std::vector<const char*> input_names_, output_names_;
  std::vector<Tensor> given_;
  std::vector<OrtPtr<OrtValue>> values_, results_;
  std::vector<const OrtValue*> raw_inputs_;
  std::vector<OrtValue*> raw_outputs_;
};

}  // namespace

Status open_network(std::shared_ptr<const OnnxRuntime> library, const std::string& file,
                    const OnnxOptions& options, std::unique_ptr<Network>& network) {
  return guarded([&] {
    if (library == nullptr) {
      throw StatusError(StatusCode::invalid_argument,
                        "library: got none; what open_onnxruntime gave is wanted");
    }
    const Loader loader(library, file, options);
    OrtPtr<OrtSession> session = loader.session();
    std::vector<TensorInfo> inputs = loader.inputs(session.get());
    std::vector<TensorInfo> outputs = loader.outputs(session.get());
    network = std::make_unique<OnnxNetwork>(library, file, std::move(session), std::move(inputs),
                                            std::move(outputs));
  });
}

}  // namespace rostro
