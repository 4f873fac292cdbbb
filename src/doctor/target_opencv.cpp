// What OpenCV's dnn module refuses. Each row of a table names its source, because programs change.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "doctor/targets.h"

namespace tv2onnx::doctor {
namespace {

// Operators of the importer's dispatch table.
// clang-format off
constexpr auto kOpenCvOperators = std::to_array<std::string_view>({
    "Abs", "Acos", "Acosh", "Add", "And", "ArgMax", "ArgMin", "Asin", "Asinh", "Atan", "Atanh",
    "Attention", "AveragePool", "BatchNormalization", "Cast", "Ceil", "Celu", "Clip", "Concat",
    "Constant", "ConstantOfShape", "Conv", "ConvTranspose", "Cos", "Cosh", "CumSum",
    "DepthToSpace", "DequantizeLinear", "Div", "Dropout", "Einsum", "Elu", "Equal", "Erf", "Exp",
    "Expand", "Flatten", "Floor", "GRU", "Gather", "GatherElements", "GatherND", "Gelu", "Gemm",
    "GlobalAveragePool", "GlobalMaxPool", "Greater", "GreaterOrEqual", "GroupNormalization",
    "HardSigmoid", "HardSwish", "Hardmax", "Identity", "InstanceNormalization", "LRN", "LSTM",
    "LayerNormalization", "LeakyRelu", "Less", "LessOrEqual", "Log", "LogSoftmax", "MatMul",
    "Max", "MaxPool", "MaxUnpool", "Mean", "Min", "Mish", "Mod", "Mul", "Neg", "Or", "PRelu",
    "Pad", "Pow", "QLinearConv", "QLinearMatMul", "QuantizeLinear", "Range", "Reciprocal",
    "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean",
    "ReduceMin", "ReduceProd", "ReduceSum", "ReduceSumSquare", "Relu", "Reshape", "Resize",
    "Round", "Scatter", "ScatterElements", "ScatterND", "Selu", "Shape", "Shrink", "Sigmoid",
    "Sign", "Sin", "Sinh", "Slice", "Softmax", "Softplus", "Softsign", "SpaceToDepth", "Split",
    "Sqrt", "Squeeze", "Sub", "Sum", "Tan", "Tanh", "ThresholdedRelu", "Tile", "TopK",
    "Transpose", "Unsqueeze", "Upsample", "Where", "Xor"});
// clang-format on

/// The last input is the shape of Reshape and the sizes of Resize.
bool shape_is_computed(const TargetContext& context, const OnnxNode& node) {
  // Sizes are integers, scales are not.
  return has_input(node, 1) && !context.rules.view.constant(node.inputs.back());
}

bool is_unknown(const TargetContext& /*context*/, const OnnxNode& node) {
  return node.domain.empty() && std::ranges::count(kOpenCvOperators, node.op) == 0;
}

constexpr std::string_view kOpenCvImporter =
    "https://github.com/opencv/opencv/blob/4.x/modules/dnn/src/onnx/onnx_importer.cpp";
constexpr std::string_view kOpenCvRemedy =
    "ONNX Runtime takes the same pixels; OpenCV runs backbones and one-stage heads";

constexpr auto kRows = std::to_array<Refusal>({
    {"NonMaxSuppression", nullptr, Damage::kLimit, "not in the importer",
     "cut the file in front of it and call cv::dnn::NMSBoxes, or use ONNX Runtime",
     "https://github.com/opencv/opencv/issues/23298"},
    {"RoiAlign", nullptr, Damage::kLimit, "not in the importer", kOpenCvRemedy,
     "https://github.com/opencv/opencv/issues/21634"},
    {"*", is_unknown, Damage::kLimit, "operators that the importer does not have", kOpenCvRemedy,
     kOpenCvImporter},
    {"Reshape", shape_is_computed, Damage::kLimit,
     "the shape is computed, OpenCV 4 needs fixed ones", kOpenCvRemedy,
     "https://github.com/opencv/opencv/issues/15576"},
    {"Resize", shape_is_computed, Damage::kLimit, "the size is computed, OpenCV 4 needs fixed ones",
     kOpenCvRemedy, "https://github.com/opencv/opencv/issues/26141"},
});

std::vector<Finding> examine_input(const TargetContext& context) {
  if (!context.takes_sizes) return {};
  return {{.code = "D13",
           .damage = Damage::kLimit,
           .what = "OpenCV 4: dynamic input sizes are not supported",
           .evidence = {fmt::format("input {}", context.rules.view.model().graph.inputs[0].name)},
           .symptom = "",
           .since = "",
           .remedy = "set the size that you use: onnxruntime.tools.make_dynamic_shape_fixed",
           .repairable = false,
           .source = "https://github.com/opencv/opencv/issues/26141"}};
}

}  // namespace

TargetTable opencv_target() {
  return {"opencv", "OpenCV 4", kRows, examine_input};
}

}  // namespace tv2onnx::doctor
