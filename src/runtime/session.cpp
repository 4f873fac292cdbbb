#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "runtime/denormals.h"
#include "runtime/profile.h"
#include "runtime/providers.h"
#include "runtime/session_checks.h"
#include "runtime/session_state.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

/// An output that is also an input shows the caller's memory, and a result outlives that.
Tensor with_own_bytes(Tensor result, const std::vector<Tensor>& inputs) {
  const std::less_equal<> before;
  const bool shown = std::ranges::any_of(inputs, [&](const Tensor& input) {
    return before(input.data, result.data) && before(result.data, input.data + input.byte_size());
  });
  if (!shown || result.data == nullptr) return result;
  auto bytes = std::make_shared<std::vector<std::byte>>(contiguous_bytes(result));
  result.data = bytes->data();
  result.owner = std::move(bytes);
  return result;
}

}  // namespace

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
  check(api.AddSessionConfigEntry(raw, "session.intra_op.allow_spinning",
                                  options.spinning ? "1" : "0"),
        "R004", found);
  if (!profile_prefix().empty()) {
    check(api.EnableProfiling(raw, profile_prefix().c_str()), "R004", found);
  }
  append_provider(runtime, options, raw, file);
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

std::unique_ptr<Session::State> Session::State::make(const std::string& file,
                                                     const SessionOptions& options) {
  return std::make_unique<State>(load_runtime(options.library), file, options.denormals_as_zero);
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
