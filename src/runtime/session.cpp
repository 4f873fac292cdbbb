#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <functional>
#include <optional>

#include "base/tensor_check.h"
#include "base/text.h"
#include "runtime/denormals.h"
#include "runtime/library.h"
#include "runtime/session_checks.h"
#include "tv2onnx/error.h"
#include "tv2onnx/runtime.h"

namespace tv2onnx {
namespace {

constexpr std::array<std::pair<ONNXTensorElementDataType, DType>, 10> kTypes{{
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, DType::kFloat32},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE, DType::kFloat64},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16, DType::kFloat16},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16, DType::kBFloat16},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8, DType::kInt8},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16, DType::kInt16},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32, DType::kInt32},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64, DType::kInt64},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8, DType::kUInt8},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL, DType::kBool},
}};

ONNXTensorElementDataType runtime_type(DType dtype) {
  for (const auto& [theirs, ours] : kTypes) {
    if (ours == dtype) return theirs;
  }
  return ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
}

std::optional<DType> our_type(ONNXTensorElementDataType type) {
  for (const auto& [theirs, ours] : kTypes) {
    if (theirs == type) return ours;
  }
  return std::nullopt;
}

/// Owner of an object of the C API.
template <typename T>
using Handle = std::unique_ptr<T, void(ORT_API_CALL*)(T*)>;

}  // namespace

struct Session::State {
  static std::unique_ptr<State> make(const std::string& file, const SessionOptions& options);

  const Runtime& runtime;
  std::string file;
  bool denormals_as_zero = true;
  std::shared_ptr<OrtSession> session;
  std::shared_ptr<OrtMemoryInfo> memory;
  std::vector<PortInfo> inputs;
  std::vector<PortInfo> outputs;
  std::map<std::string, std::string> metadata;
  std::string producer;

  void check(OrtStatus* status, ErrorCode code, const std::string& found) const {
    runtime.check(status, code, found, file);
  }
  /// Makes the session with what `create` calls.
  using Create = std::function<OrtStatus*(const OrtSessionOptions*, OrtSession**)>;
  void open(const SessionOptions& options, const Create& create);
  void read_ports();
  PortInfo read_port(std::string name, const OrtTypeInfo* type, const char* kind) const;
  void read_metadata();
  std::string take_text(char* text) const;
  Handle<OrtValue> bind(const Tensor& tensor, const PortInfo& port, Tensor& kept) const;
  Tensor show(const std::shared_ptr<OrtValue>& value, const PortInfo& port) const;
};

void Session::State::open(const SessionOptions& options, const Create& create) {
  require_possible_threads(options.threads);
  const OrtApi& api = *runtime.api;
  const char* found = "ONNX Runtime does not accept the session options";
  OrtSessionOptions* raw = nullptr;
  check(api.CreateSessionOptions(&raw), "R004", found);
  const Handle<OrtSessionOptions> settings(raw, api.ReleaseSessionOptions);
  check(api.SetIntraOpNumThreads(raw, options.threads), "R004", found);
  check(api.SetInterOpNumThreads(raw, 1), "R004", found);
  check(api.SetSessionGraphOptimizationLevel(raw,
                                             options.optimize ? ORT_ENABLE_ALL : ORT_DISABLE_ALL),
        "R004", found);
  check(api.SetSessionLogSeverityLevel(raw, ORT_LOGGING_LEVEL_FATAL), "R004", found);
  check(api.AddSessionConfigEntry(raw, "session.set_denormal_as_zero",
                                  options.denormals_as_zero ? "1" : "0"),
        "R004", found);
  // Idle threads would take the processor from what comes between two runs.
  check(api.AddSessionConfigEntry(raw, "session.force_spinning_stop", "1"), "R004", found);
  const DenormalScope restore(false);
  OrtSession* created = nullptr;
  check(create(raw, &created), "R002", "ONNX Runtime refuses the model");
  session = {created, api.ReleaseSession};
  OrtMemoryInfo* info = nullptr;
  check(api.CreateCpuMemoryInfo(OrtDeviceAllocator, OrtMemTypeDefault, &info), "R003",
        "ONNX Runtime has no CPU memory");
  memory = {info, api.ReleaseMemoryInfo};
  read_ports();
  read_metadata();
}

std::string Session::State::take_text(char* text) const {
  OrtAllocator* allocator = nullptr;
  check(runtime.api->GetAllocatorWithDefaultOptions(&allocator), "R003", "no allocator");
  std::string copy = text == nullptr ? "" : text;
  if (text != nullptr) allocator->Free(allocator, text);
  return copy;
}

PortInfo Session::State::read_port(std::string name, const OrtTypeInfo* type,
                                   const char* kind) const {
  const OrtApi& api = *runtime.api;
  const std::string found = fmt::format("{} '{}' cannot be read", kind, printable(name));
  const OrtTensorTypeAndShapeInfo* info = nullptr;  // belongs to `type`; null if not a tensor
  check(api.CastTypeInfoToTensorInfo(type, &info), "R002", found);
  ONNXTensorElementDataType element = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
  if (info != nullptr) check(api.GetTensorElementType(info, &element), "R002", found);
  const std::optional<DType> dtype = our_type(element);
  if (!dtype) {
    throw Error({.code = "R005",
                 .found = fmt::format("{} '{}' is {}", kind, printable(name),
                                      info == nullptr ? "a sequence, map or optional, not a tensor"
                                                      : "a tensor of an unsupported element type"),
                 .where = {.file = file, .offset = {}, .item = {}},
                 .expected = "tensors of float, integer or bool"});
  }
  PortInfo port{std::move(name), *dtype, {}, {}};
  std::size_t rank = 0;
  check(api.GetDimensionsCount(info, &rank), "R002", found);
  port.shape.resize(rank);
  std::vector<const char*> symbols(rank, "");
  check(api.GetDimensions(info, port.shape.data(), rank), "R002", found);
  check(api.GetSymbolicDimensions(info, symbols.data(), rank), "R002", found);
  port.symbols.assign(symbols.begin(), symbols.end());
  return port;
}

void Session::State::read_ports() {
  const OrtApi& api = *runtime.api;
  OrtAllocator* allocator = nullptr;
  check(api.GetAllocatorWithDefaultOptions(&allocator), "R003", "no allocator");
  const auto read = [&](auto count_of, auto name_of, auto type_of, const char* kind) {
    std::vector<PortInfo> ports;
    std::size_t count = 0;
    check(count_of(session.get(), &count), "R002", "ports cannot be counted");
    for (std::size_t k = 0; k < count; ++k) {
      char* name = nullptr;
      check(name_of(session.get(), k, allocator, &name), "R002", "a port has no name");
      OrtTypeInfo* type = nullptr;
      check(type_of(session.get(), k, &type), "R002", "a port has no type");
      const Handle<OrtTypeInfo> owned(type, api.ReleaseTypeInfo);
      ports.push_back(read_port(take_text(name), type, kind));
    }
    return ports;
  };
  inputs =
      read(api.SessionGetInputCount, api.SessionGetInputName, api.SessionGetInputTypeInfo, "input");
  outputs = read(api.SessionGetOutputCount, api.SessionGetOutputName, api.SessionGetOutputTypeInfo,
                 "output");
}

void Session::State::read_metadata() {
  const OrtApi& api = *runtime.api;
  const char* found = "the metadata of the model cannot be read";
  OrtAllocator* allocator = nullptr;
  check(api.GetAllocatorWithDefaultOptions(&allocator), "R002", found);
  OrtModelMetadata* raw = nullptr;
  check(api.SessionGetModelMetadata(session.get(), &raw), "R002", found);
  const Handle<OrtModelMetadata> owned(raw, api.ReleaseModelMetadata);
  char* text = nullptr;
  check(api.ModelMetadataGetProducerName(raw, allocator, &text), "R002", found);
  producer = take_text(text);
  char** keys = nullptr;
  std::int64_t count = 0;
  check(api.ModelMetadataGetCustomMetadataMapKeys(raw, allocator, &keys, &count), "R002", found);
  std::vector<std::string> names;
  for (std::int64_t k = 0; k < count; ++k) names.push_back(take_text(keys[k]));
  if (keys != nullptr) allocator->Free(allocator, keys);
  for (const std::string& name : names) {
    check(api.ModelMetadataLookupCustomMetadataMap(raw, allocator, name.c_str(), &text), "R002",
          found);
    metadata[name] = take_text(text);
  }
}

/// Shows the tensor's bytes to the runtime in place; `kept` holds a copy where that is impossible.
Handle<OrtValue> Session::State::bind(const Tensor& tensor, const PortInfo& port,
                                      Tensor& kept) const {
  const std::string what = fmt::format("input '{}'", printable(port.name));
  if (tensor.dtype == DType::kFloat32 && port.dtype == DType::kFloat16) {
    return bind(make_half_tensor(tensor.shape, to_float(tensor)), port, kept);
  }
  if (tensor.dtype != port.dtype) {
    throw Error({.code = "R006",
                 .found = fmt::format("{} of the model got {}", what, dtype_name(tensor.dtype)),
                 .where = {.file = file, .offset = {}, .item = {}},
                 .expected = std::string(dtype_name(port.dtype))});
  }
  require_readable(tensor);
  kept = tensor;
  const auto address = reinterpret_cast<std::uintptr_t>(tensor.data);
  if (!tensor.is_contiguous() || address % dtype_size(tensor.dtype) != 0 || address == 0) {
    auto copy = std::make_shared<std::vector<std::byte>>(contiguous_bytes(tensor));
    copy->reserve(1);  // an empty tensor still needs an address
    kept.data = copy->data();
    kept.owner = std::move(copy);
  }
  OrtValue* value = nullptr;
  check(runtime.api->CreateTensorWithDataAsOrtValue(
            memory.get(), const_cast<std::byte*>(kept.data), tensor.byte_size(),
            tensor.shape.data(), tensor.shape.size(), runtime_type(tensor.dtype), &value),
        "R003", what + " cannot be bound");
  return {value, runtime.api->ReleaseValue};
}

/// A tensor that shows the runtime's own memory and keeps value and session alive.
Tensor Session::State::show(const std::shared_ptr<OrtValue>& value, const PortInfo& port) const {
  const OrtApi& api = *runtime.api;
  const std::string found = fmt::format("output '{}' cannot be read", printable(port.name));
  OrtTensorTypeAndShapeInfo* raw = nullptr;
  check(api.GetTensorTypeAndShape(value.get(), &raw), "R003", found);
  const Handle<OrtTensorTypeAndShapeInfo> info(raw, api.ReleaseTensorTypeAndShapeInfo);
  std::size_t rank = 0;
  check(api.GetDimensionsCount(raw, &rank), "R003", found);
  Tensor tensor;
  tensor.dtype = port.dtype;
  tensor.shape.resize(rank);
  check(api.GetDimensions(raw, tensor.shape.data(), rank), "R003", found);
  void* data = nullptr;
  check(api.GetTensorMutableData(value.get(), &data), "R003", found);
  tensor.data = static_cast<const std::byte*>(data);
  tensor.owner = value;
  return tensor;
}

/// An output that is also an input shows the caller's memory, and a result outlives that.
Tensor with_own_bytes(Tensor result, const std::vector<Tensor>& inputs) {
  const std::less_equal<const std::byte*> before;
  const bool shown = std::ranges::any_of(inputs, [&](const Tensor& input) {
    return before(input.data, result.data) && before(result.data, input.data + input.byte_size());
  });
  if (!shown || result.data == nullptr) return result;
  auto bytes = std::make_shared<std::vector<std::byte>>(contiguous_bytes(result));
  result.data = bytes->data();
  result.owner = std::move(bytes);
  return result;
}

std::unique_ptr<Session::State> Session::State::make(const std::string& file,
                                                     const SessionOptions& options) {
  return std::unique_ptr<State>(new State{.runtime = load_runtime(options.library),
                                          .file = file,
                                          .denormals_as_zero = options.denormals_as_zero,
                                          .session = nullptr,
                                          .memory = nullptr,
                                          .inputs = {},
                                          .outputs = {},
                                          .metadata = {},
                                          .producer = {}});
}

Session::Session(const std::filesystem::path& model, const SessionOptions& options)
    : state_(State::make(model.string(), options)) {
  require_sound_file(model);
  const Runtime& runtime = state_->runtime;
  state_->open(options, [&](const OrtSessionOptions* settings, OrtSession** session) {
    return runtime.api->CreateSession(runtime.env, model.c_str(), settings, session);
  });
}

Session::Session(std::span<const std::byte> model, const std::string& name,
                 const SessionOptions& options)
    : state_(State::make(name, options)) {
  try {
    require_no_external_data(parse_onnx_model(model), name);
  } catch (const Error& error) {
    throw error.in_file(name);
  }
  const Runtime& runtime = state_->runtime;
  state_->open(options, [&](const OrtSessionOptions* settings, OrtSession** session) {
    return runtime.api->CreateSessionFromArray(runtime.env, model.data(), model.size(), settings,
                                               session);
  });
}

Session::~Session() = default;
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;

const std::vector<PortInfo>& Session::inputs() const {
  return state_->inputs;
}
const std::vector<PortInfo>& Session::outputs() const {
  return state_->outputs;
}
const std::map<std::string, std::string>& Session::metadata() const {
  return state_->metadata;
}
std::string_view Session::producer() const {
  return state_->producer;
}
const std::string& Session::file() const {
  return state_->file;
}

std::vector<Tensor> Session::run(const std::vector<Tensor>& inputs) const {
  const State& state = *state_;
  const OrtApi& api = *state.runtime.api;
  if (inputs.size() != state.inputs.size()) {
    throw Error({.code = "R006",
                 .found = fmt::format("{} inputs given to a model that has {}", inputs.size(),
                                      state.inputs.size()),
                 .where = {.file = state.file, .offset = {}, .item = {}}});
  }
  std::vector<Tensor> kept(inputs.size());
  std::vector<Handle<OrtValue>> values;
  std::vector<const OrtValue*> fed;
  std::vector<const char*> input_names;
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    values.push_back(state.bind(inputs[k], state.inputs[k], kept[k]));
    fed.push_back(values.back().get());
    input_names.push_back(state.inputs[k].name.c_str());
  }
  std::vector<const char*> output_names;
  for (const PortInfo& port : state.outputs) output_names.push_back(port.name.c_str());
  std::vector<OrtValue*> fetched(output_names.size(), nullptr);
  {  // the scope in which this thread computes
    const DenormalScope scope(state.denormals_as_zero);
    state.check(api.Run(state.session.get(), nullptr, input_names.data(), fed.data(), fed.size(),
                        output_names.data(), output_names.size(), fetched.data()),
                "R003", "ONNX Runtime failed while running the model");
  }
  std::vector<std::shared_ptr<OrtValue>> owned;
  for (OrtValue* value : fetched) {
    owned.emplace_back(value,
                       [keep = state.session, &api](OrtValue* dead) { api.ReleaseValue(dead); });
  }
  std::vector<Tensor> results;
  for (std::size_t k = 0; k < owned.size(); ++k) {
    results.push_back(with_own_bytes(state.show(owned[k], state.outputs[k]), kept));
  }
  return results;
}

}  // namespace tv2onnx
