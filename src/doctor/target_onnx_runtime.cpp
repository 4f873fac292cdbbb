// What builds and execution providers of ONNX Runtime refuse that others run: onnxruntime-web,
// XNNPACK, oneDNN. Measured on detectors of torchvision; each row names its source, because
// programs change.

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

/// Of any height and width.
bool resizes_any_size(const TargetContext& context, const OnnxNode& node) {
  const OnnxAttribute* mode = node.find("mode");
  return mode != nullptr && mode->s == "linear" && has_input(node, 0) &&
         context.origins.shape(node.input(0)) != Origin::kNumbers;
}

bool lacks_bias(const TargetContext& /*context*/, const OnnxNode& node) {
  return !has_input(node, 2);
}

constexpr std::string_view kCpuRuns = "the CPU provider runs it";

constexpr auto kXnnpackRows = std::to_array<Refusal>({
    kCustom,
    {"Resize", resizes_any_size, Damage::kCrash,
     "a linear Resize of an image of any size ends the process", kOneSize, kXnnpack},
    {"Gemm", lacks_bias, Damage::kCrash, "a Gemm without a bias ends the process", kCpuRuns,
     kXnnpack},
    {"Gemm", has_any_number_of_rows, Damage::kWrong,
     "a Gemm with any number of rows gives one row: the run fails behind it, or results are lost",
     kOneSize, kXnnpack},
});

// ---- oneDNN

constexpr std::string_view kOneDnn =
    "https://onnxruntime.ai/docs/execution-providers/oneDNN-ExecutionProvider.html";

bool is_grouped_for_any_size(const TargetContext& context, const OnnxNode& node) {
  return node.integer("group", 1) > 1 && has_input(node, 0) &&
         context.origins.shape(node.input(0)) != Origin::kNumbers;
}

bool is_transposed_for_any_rows(const TargetContext& context, const OnnxNode& node) {
  return node.integer("transB", 0) == 1 && has_any_number_of_rows(context, node);
}

constexpr auto kOneDnnRows = std::to_array<Refusal>({
    kCustom,
    {"Conv", is_grouped_for_any_size, Damage::kCrash,
     "a grouped Conv fails at the second size of an image: 'could not construct a memory "
     "descriptor using a format tag'",
     kOneSize, kOneDnn},
    {"Gemm", is_transposed_for_any_rows, Damage::kCrash,
     "a Gemm with transB = 1 fails at the second number of rows: 'not a valid reshape, "
     "inconsistent dim product'",
     kOneSize, kOneDnn},
});

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
  return {"onednn", "oneDNN provider of ONNX Runtime", kOneDnnRows, nullptr};
}

}  // namespace tv2onnx::doctor
