// What builds and execution providers of ONNX Runtime refuse that others run: onnxruntime-web,
// XNNPACK, oneDNN. Measured on detectors of torchvision; each row names its source, because
// programs change.

#include <fmt/format.h>

#include <array>

#include "doctor/targets.h"

namespace tv2onnx::doctor {
namespace {

constexpr std::string_view kCompatibility =
    "https://onnxruntime.ai/docs/reference/compatibility.html";
constexpr std::string_view kOneSize =
    "the CPU provider runs it; for one size: tv2onnx export MODEL.pth -o NEW.onnx --target "
    "portable "
    "--size 480x640 --batch 1";

// ---- onnxruntime-web

constexpr std::string_view kWebGpu =
    "https://github.com/microsoft/onnxruntime/blob/main/js/web/docs/webgpu-operators.md";
constexpr std::string_view kOnCpu =
    "has no WebGPU implementation: right, but every one costs a copy from and to the GPU";
constexpr std::string_view kWasm = "executionProviders: ['wasm'], which runs it";

constexpr Refusal kCustom{
    "*", is_custom, Damage::kLimit, "operators of other domains", kExportRemedy, kCompatibility};

constexpr auto kWebWasm = std::to_array<Refusal>({kCustom});

constexpr auto kWebGpuRows = std::to_array<Refusal>({
    kCustom,
    {"*", has_double, Damage::kLimit,
     "WebGPU has no double precision: 'Provider type for Cast node ... is not set' when the file "
     "is "
     "loaded",
     kExportRemedy, kWebGpu},
    {"ScatterND", nullptr, Damage::kLimit, "the JSEP build of WebGPU fails in it", kWasm, kWebGpu},
    {"NonMaxSuppression", nullptr, Damage::kInformation, kOnCpu, kWasm, kWebGpu},
    {"NonZero", nullptr, Damage::kInformation, kOnCpu, kWasm, kWebGpu},
    {"RoiAlign", nullptr, Damage::kInformation, kOnCpu, kWasm, kWebGpu},
    {"TopK", nullptr, Damage::kInformation, kOnCpu, kWasm, kWebGpu},
});

// ---- XNNPACK

constexpr std::string_view kXnnpack =
    "https://onnxruntime.ai/docs/execution-providers/Xnnpack-ExecutionProvider.html";

/// The rows of a box head are as many as there are proposals; those of a batch as many as images.
bool has_any_number_of_rows(const TargetContext& context, const OnnxNode& node) {
  return has_input(node, 0) && context.origins.shape(node.input(0)) != Origin::kNumbers;
}

constexpr auto kXnnpackRows = std::to_array<Refusal>({
    kCustom,
    {"Gemm", has_any_number_of_rows, Damage::kWrong,
     "a Gemm with any number of rows gives one row: the run fails behind it, or results are lost",
     kOneSize, kXnnpack},
});

// ---- oneDNN

constexpr std::string_view kOneDnn =
    "https://onnxruntime.ai/docs/execution-providers/oneDNN-ExecutionProvider.html";

/// NonMaxSuppression itself is right, as are those that only pick with its list.
bool shape_follows_content(const TargetContext& context, const OnnxNode& node) {
  const Origin begins = context.origins.begins(node);
  return begins == Origin::kContent || begins == Origin::kList;
}

constexpr auto kOneDnnRows = std::to_array<Refusal>({
    kCustom,
    {"NonZero", nullptr, Damage::kCrash,
     "as many places as the first image had: oneDNN keeps those shapes and fails at the next image",
     kOneSize, kOneDnn},
    {"*", shape_follows_content, Damage::kCrash,
     "as many rows as the first image had: oneDNN keeps those shapes and fails at the next image",
     kOneSize, kOneDnn},
});

std::vector<Finding> examine_onednn_input(const TargetContext& context) {
  if (!context.takes_sizes) return {};
  return {{.code = "D13",
           .damage = Damage::kCrash,
           .what = "oneDNN: keeps the shapes of the first image and fails at the next size; the "
                   "first one is right, 20 times slower than on the CPU provider",
           .evidence = {fmt::format("input {}", context.rules.view.model().graph.inputs[0].name)},
           .symptom = "",
           .since = "",
           .remedy = std::string(kOneSize),
           .repairable = false,
           .source = std::string(kOneDnn)}};
}

}  // namespace

TargetTable web_target() {
  return {"ort-web", "onnxruntime-web", kWebGpuRows, nullptr};
}

TargetTable web_gpu_target() {
  return {"ort-web-webgpu", "onnxruntime-web, WebGPU", kWebGpuRows, nullptr};
}

TargetTable web_wasm_target() {
  return {"ort-web-wasm", "onnxruntime-web, wasm", kWebWasm, nullptr};
}

TargetTable xnnpack_target() {
  return {"xnnpack", "XNNPACK provider of ONNX Runtime", kXnnpackRows, nullptr};
}

TargetTable onednn_target() {
  return {"onednn", "oneDNN provider of ONNX Runtime", kOneDnnRows, examine_onednn_input};
}

}  // namespace tv2onnx::doctor
