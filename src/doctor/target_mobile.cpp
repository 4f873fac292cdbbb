// What the providers of ONNX Runtime for phones do not take: Core ML and NNAPI. What they have no
// operator for runs on the CPU, each time in a part of its own. From their tables; not run here.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "doctor/targets.h"

namespace tv2onnx::doctor {
namespace {

// clang-format off
constexpr auto kCoreMlOperators = std::to_array<std::string_view>({
    "Add", "ArgMax", "AveragePool", "Cast", "Ceil", "Clip", "Concat", "Conv", "ConvTranspose",
    "Cos", "DepthToSpace", "Div", "Elu", "Erf", "Exp", "GatherND", "Gelu", "Gemm",
    "GlobalAveragePool", "GlobalMaxPool", "GridSample", "GroupNormalization", "HardSigmoid",
    "Identity", "InstanceNormalization", "LayerNormalization", "LeakyRelu", "MatMul", "Max",
    "MaxPool", "Mul", "PRelu", "Pow", "Range", "Reciprocal", "ReduceMax", "ReduceMean",
    "ReduceSum", "Relu", "Reshape", "Resize", "Round", "Shape", "Sigmoid", "Sin", "Slice",
    "Softmax", "Softplus", "Split", "Sqrt", "Squeeze", "Sub", "Tanh", "Tile", "Transpose",
    "Unsqueeze"});

constexpr auto kNnapiOperators = std::to_array<std::string_view>({
    "Abs", "Add", "AveragePool", "Cast", "Clip", "Concat", "Conv", "DepthToSpace",
    "DequantizeLinear", "Div", "Elu", "Exp", "Flatten", "Floor", "Gather", "Gemm",
    "GlobalAveragePool", "GlobalMaxPool", "Identity", "Log", "MatMul", "Max", "MaxPool", "Min",
    "Mul", "Neg", "PRelu", "Pad", "Pow", "QLinearConv", "QLinearMatMul", "QuantizeLinear", "Relu",
    "Reshape", "Resize", "Sigmoid", "Sin", "Slice", "Softmax", "Sqrt", "Squeeze", "Sub", "Tanh",
    "Transpose", "Unsqueeze"});
// clang-format on

constexpr std::string_view kCoreMlTable =
    "https://github.com/microsoft/onnxruntime/blob/main/tools/ci_build/github/apple/"
    "coreml_supported_mlprogram_ops.md";
constexpr std::string_view kNnapiTable =
    "https://github.com/microsoft/onnxruntime/blob/main/tools/ci_build/github/android/"
    "nnapi_supported_ops.md";
constexpr std::string_view kMobileShapes =
    "https://onnxruntime.ai/docs/tutorials/mobile/helpers/make-dynamic-shape-fixed.html";
constexpr std::string_view kMobileOnCpu =
    "no such operator: it runs on the CPU, and what is around it in parts of its own";
constexpr std::string_view kFewerParts = "nothing, or a model with one stage and --outputs raw";

bool is_not_among(std::span<const std::string_view> operators, const OnnxNode& node) {
  return node.domain.empty() && node.op != "Constant" &&
         std::ranges::find(operators, node.op) == operators.end();
}

bool core_ml_lacks(const TargetContext& /*context*/, const OnnxNode& node) {
  return is_not_among(kCoreMlOperators, node);
}

bool nnapi_lacks(const TargetContext& /*context*/, const OnnxNode& node) {
  return is_not_among(kNnapiOperators, node);
}

constexpr std::string_view kMobileDouble = "double precision, which runs on the CPU only";

constexpr auto kCoreMlRows = std::to_array<Refusal>({
    {"*", has_double, Damage::kLimit, kMobileDouble, kExportRemedy, kCoreMlTable},
    {"*", core_ml_lacks, Damage::kInformation, kMobileOnCpu, kFewerParts, kCoreMlTable},
});

constexpr auto kNnapiRows = std::to_array<Refusal>({
    {"*", has_double, Damage::kLimit, kMobileDouble, kExportRemedy, kNnapiTable},
    {"*", nnapi_lacks, Damage::kInformation, kMobileOnCpu, kFewerParts, kNnapiTable},
});

std::vector<Finding> examine_mobile_input(const TargetContext& context) {
  if (!context.takes_sizes) return {};
  return {{.code = "D13",
           .damage = Damage::kLimit,
           .what = "Core ML, NNAPI: an input of any size: nothing of the file runs on them",
           .evidence = {fmt::format("input {}", context.rules.view.model().graph.inputs[0].name)},
           .symptom = "",
           .since = "",
           .remedy = "tv2onnx export MODEL.pth -o NEW.onnx --target portable --size 480x640 "
                     "--batch 1",
           .repairable = false,
           .source = std::string(kMobileShapes)}};
}

}  // namespace

TargetTable coreml_target() {
  return {"coreml", "Core ML provider of ONNX Runtime, its documentation", kCoreMlRows,
          examine_mobile_input};
}

TargetTable nnapi_target() {
  return {"nnapi", "NNAPI provider of ONNX Runtime, its documentation", kNnapiRows,
          examine_mobile_input};
}

}  // namespace tv2onnx::doctor
