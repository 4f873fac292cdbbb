#include "runtime/providers.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "runtime/session_state.h"
#include "tv2onnx/error.h"

namespace tv2onnx {
namespace {

/// Options as the C API takes them.
struct KeysAndValues {
  std::vector<const char*> keys;
  std::vector<const char*> values;

  explicit KeysAndValues(const ProviderOptions& options) {
    for (const auto& [key, value] : options) {
      keys.push_back(key.c_str());
      values.push_back(value.c_str());
    }
  }
};

/// What a provider is added with.
struct Adding {
  const OrtApi& api;
  OrtSessionOptions* settings;
  const char* name;  ///< by which the runtime's general function knows it
  KeysAndValues options;
};

using Append = OrtStatus* (*)(const Adding& adding);

OrtStatus* append_by_name(const Adding& adding) {
  const auto& [keys, values] = adding.options;
  return adding.api.SessionOptionsAppendExecutionProvider(adding.settings, adding.name, keys.data(),
                                                          values.data(), keys.size());
}

/// For providers whose options are an object of the runtime's. Parameters: the members of OrtApi
/// that make it, release it, fill it and add the provider.
template <typename Options, auto kCreate, auto kRelease, auto kUpdate, auto kAppend>
OrtStatus* append_with(const Adding& adding) {
  const OrtApi& api = adding.api;
  Options* raw = nullptr;
  if (OrtStatus* problem = (api.*kCreate)(&raw)) return problem;
  const Handle<Options> options(raw, api.*kRelease);
  const auto& [keys, values] = adding.options;
  OrtStatus* problem = (api.*kUpdate)(raw, keys.data(), values.data(), keys.size());
  if (problem != nullptr) return problem;
  return (api.*kAppend)(adding.settings, raw);
}

constexpr Append kAppendCuda =
    append_with<OrtCUDAProviderOptionsV2, &OrtApi::CreateCUDAProviderOptions,
                &OrtApi::ReleaseCUDAProviderOptions, &OrtApi::UpdateCUDAProviderOptions,
                &OrtApi::SessionOptionsAppendExecutionProvider_CUDA_V2>;
constexpr Append kAppendTensorrt =
    append_with<OrtTensorRTProviderOptionsV2, &OrtApi::CreateTensorRTProviderOptions,
                &OrtApi::ReleaseTensorRTProviderOptions, &OrtApi::UpdateTensorRTProviderOptions,
                &OrtApi::SessionOptionsAppendExecutionProvider_TensorRT_V2>;
constexpr Append kAppendDnnl =
    append_with<OrtDnnlProviderOptions, &OrtApi::CreateDnnlProviderOptions,
                &OrtApi::ReleaseDnnlProviderOptions, &OrtApi::UpdateDnnlProviderOptions,
                &OrtApi::SessionOptionsAppendExecutionProvider_Dnnl>;

struct Row {
  std::string_view name;     ///< of --provider
  std::string_view runtime;  ///< as GetAvailableProviders has it
  Append append;
  const char* general_name;  ///< for append_by_name
  unsigned since;            ///< minor release of ONNX Runtime whose C API has `append`
  const char* install;
};

constexpr const char* kGpuWheel =
    "take the library of the package onnxruntime-gpu (of pip or of ONNX Runtime's releases), with "
    "CUDA and cuDNN of the versions that it names";
constexpr std::array kProviders{
    Row{"cuda", "CUDAExecutionProvider", kAppendCuda, "", 11, kGpuWheel},
    Row{"tensorrt", "TensorrtExecutionProvider", kAppendTensorrt, "", 11,
        "take the library of the package onnxruntime-gpu, with CUDA, cuDNN and TensorRT of the "
        "versions that it names"},
    Row{"openvino", "OpenVINOExecutionProvider", append_by_name, "OpenVINO", 17,
        "take the library of the package onnxruntime-openvino"},
    Row{"dml", "DmlExecutionProvider", append_by_name, "DML", 15,
        "take the library of the package onnxruntime-directml (Windows)"},
    Row{"coreml", "CoreMLExecutionProvider", append_by_name, "CoreML", 20,
        "take the library of ONNX Runtime for macOS"},
    Row{"xnnpack", "XnnpackExecutionProvider", append_by_name, "XNNPACK", 13,
        "take a library that was built with --use_xnnpack, as Debian 13's libonnxruntime1.21"},
    Row{"dnnl", "DnnlExecutionProvider", kAppendDnnl, "", 15,
        "take a library that was built with --use_dnnl, as Debian 13's libonnxruntime1.21"},
};

std::vector<std::string> names_in(const Runtime& runtime) {
  char** names = nullptr;
  int count = 0;
  runtime.check(runtime.api->GetAvailableProviders(&names, &count), "R001",
                "ONNX Runtime does not say what computes", runtime.path);
  std::vector<std::string> list(names, names + count);
  OrtStatus* ignored = runtime.api->ReleaseAvailableProviders(names, count);
  if (ignored != nullptr) runtime.api->ReleaseStatus(ignored);
  return list;
}

const Row& row_of(const std::string& name) {
  const auto found = std::ranges::find(kProviders, name, &Row::name);
  if (found != kProviders.end()) return *found;
  throw Error({.code = "U002",
               .found = fmt::format("there is no provider '{}'", printable(name)),
               .where = {.item = "--provider"},
               .expected = fmt::format("{}", fmt::join(provider_names(), ", "))});
}

[[noreturn]] void refuse_absent(const Runtime& runtime, const Row& row, std::string reason) {
  throw Error({.code = "R009",
               .found = fmt::format("the provider {} is not there", row.name),
               .where = {.file = runtime.path},
               .details = {std::move(reason)},
               .hint = fmt::format("{}, and name it with --runtime or TV2ONNX_ORT", row.install)});
}

void require_present(const Runtime& runtime, const Row& row) {
  const std::vector<std::string> there = names_in(runtime);
  if (std::ranges::find(there, row.runtime) == there.end()) {
    refuse_absent(runtime, row,
                  fmt::format("ONNX Runtime {} has {}", printable(runtime.version),
                              printable(fmt::format("{}", fmt::join(there, ", ")))));
  }
  if (runtime.api_level < row.since) {
    refuse_absent(runtime, row, fmt::format("ONNX Runtime 1.{} or newer is needed", row.since));
  }
}

/// For each new size of image CUDA would try all convolutions of cuDNN, which takes up to seconds.
ProviderOptions with_defaults(const Row& row, ProviderOptions options) {
  if (row.name == "cuda") options.try_emplace("cudnn_conv_algo_search", "HEURISTIC");
  return options;
}

}  // namespace

std::vector<std::string> provider_names() {
  std::vector<std::string> names;
  for (const Row& row : kProviders) names.emplace_back(row.name);
  return names;
}

std::vector<std::string> available_providers(const std::string& library) {
  return names_in(load_runtime(library));
}

void append_provider(const Runtime& runtime, const SessionOptions& options,
                     OrtSessionOptions* settings, const std::string& file) {
  if (options.provider.empty()) {
    if (options.provider_options.empty()) return;
    throw Error({.code = "U003", .found = "options of a provider, and none is asked for"});
  }
  const Row& row = row_of(options.provider);
  require_present(runtime, row);
  const ProviderOptions all = with_defaults(row, options.provider_options);
  const Adding adding{*runtime.api, settings, row.general_name, KeysAndValues(all)};
  try {
    runtime.check(row.append(adding), "R009", "the provider cannot be used", file);
  } catch (const Error& error) {
    refuse_absent(runtime, row, fmt::format("{}", fmt::join(error.parts().details, "; ")));
  }
}

}  // namespace tv2onnx
