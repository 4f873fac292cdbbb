// D13: the tables of what other programs refuse. Each row names its source, because those programs
// change.

#include <algorithm>
#include <array>
#include <set>

#include "doctor/targets.h"
#include "onnx/schema.h"

namespace tv2onnx::doctor {
namespace {

constexpr std::string_view kExport = "export from the checkpoint: tv2onnx export MODEL.pth";
constexpr std::string_view kNewer = "a newer release, or run this part elsewhere";

// ---- conditions

bool is_custom(const RuleContext& /*context*/, const OnnxNode& node) {
  return !node.domain.empty() && node.domain != "ai.onnx";
}

bool has(const OnnxNode& node, std::size_t input) {
  return input < node.inputs.size() && !node.inputs[input].empty();
}

/// Squeeze in one branch, the value itself in the other: different ranks.
bool branches_differ(const RuleContext& /*context*/, const OnnxNode& node) {
  std::set<std::string> ends;
  for (const OnnxAttribute& attribute : node.attributes) {
    for (const auto& branch : attribute.graphs) {
      if (branch->nodes.size() == 1) ends.insert(branch->nodes.front().op);
      if (branch->nodes.empty()) ends.insert("Identity");
    }
  }
  return ends.contains("Squeeze") && ends.contains("Identity");
}

/// reshape(n, -1) of the box layer; an image without proposals makes n 0.
bool infers_beside_proposals(const RuleContext& context, const OnnxNode& node) {
  if (!has(node, 1) || context.view.integers(node.inputs[1])) return false;
  return std::ranges::any_of(context.box_heads,
                             [&](const BoxHead& head) { return head.reshape == &node; });
}

bool lacks_sampling_ratio(const RuleContext& /*context*/, const OnnxNode& node) {
  return node.find("sampling_ratio") == nullptr;
}

bool resizes_cubic(const RuleContext& /*context*/, const OnnxNode& node) {
  const OnnxAttribute* mode = node.find("mode");
  const bool cubic = mode != nullptr && mode->s == "cubic";
  return cubic || node.integer("antialias", 0) != 0;
}

bool makes_double(const RuleContext& /*context*/, const OnnxNode& node) {
  return node.integer("to", 0) == schema::data_type(DType::kFloat64);
}

/// The last input is the shape of Reshape and the sizes of Resize.
bool shape_is_computed(const RuleContext& context, const OnnxNode& node) {
  // Sizes are integers, scales are not.
  return has(node, 1) && !context.view.constant(node.inputs.back());
}

/// Operators of OpenCV's dispatch table.
bool unknown_to_opencv(const RuleContext& /*context*/, const OnnxNode& node) {
  static const std::set<std::string_view> known{"Abs",
                                                "Acos",
                                                "Acosh",
                                                "Add",
                                                "And",
                                                "ArgMax",
                                                "ArgMin",
                                                "Asin",
                                                "Asinh",
                                                "Atan",
                                                "Atanh",
                                                "Attention",
                                                "AveragePool",
                                                "BatchNormalization",
                                                "Cast",
                                                "Ceil",
                                                "Celu",
                                                "Clip",
                                                "Concat",
                                                "Constant",
                                                "ConstantOfShape",
                                                "Conv",
                                                "ConvTranspose",
                                                "Cos",
                                                "Cosh",
                                                "CumSum",
                                                "DepthToSpace",
                                                "DequantizeLinear",
                                                "Div",
                                                "Dropout",
                                                "Einsum",
                                                "Elu",
                                                "Equal",
                                                "Erf",
                                                "Exp",
                                                "Expand",
                                                "Flatten",
                                                "Floor",
                                                "GRU",
                                                "Gather",
                                                "GatherElements",
                                                "GatherND",
                                                "Gelu",
                                                "Gemm",
                                                "GlobalAveragePool",
                                                "GlobalMaxPool",
                                                "Greater",
                                                "GreaterOrEqual",
                                                "GroupNormalization",
                                                "HardSigmoid",
                                                "HardSwish",
                                                "Hardmax",
                                                "Identity",
                                                "InstanceNormalization",
                                                "LRN",
                                                "LSTM",
                                                "LayerNormalization",
                                                "LeakyRelu",
                                                "Less",
                                                "LessOrEqual",
                                                "Log",
                                                "LogSoftmax",
                                                "MatMul",
                                                "Max",
                                                "MaxPool",
                                                "MaxUnpool",
                                                "Mean",
                                                "Min",
                                                "Mish",
                                                "Mod",
                                                "Mul",
                                                "Neg",
                                                "Or",
                                                "PRelu",
                                                "Pad",
                                                "Pow",
                                                "QLinearConv",
                                                "QLinearMatMul",
                                                "QuantizeLinear",
                                                "Range",
                                                "Reciprocal",
                                                "ReduceL1",
                                                "ReduceL2",
                                                "ReduceLogSum",
                                                "ReduceLogSumExp",
                                                "ReduceMax",
                                                "ReduceMean",
                                                "ReduceMin",
                                                "ReduceProd",
                                                "ReduceSum",
                                                "ReduceSumSquare",
                                                "Relu",
                                                "Reshape",
                                                "Resize",
                                                "Round",
                                                "Scatter",
                                                "ScatterElements",
                                                "ScatterND",
                                                "Selu",
                                                "Shape",
                                                "Shrink",
                                                "Sigmoid",
                                                "Sign",
                                                "Sin",
                                                "Sinh",
                                                "Slice",
                                                "Softmax",
                                                "Softplus",
                                                "Softsign",
                                                "SpaceToDepth",
                                                "Split",
                                                "Sqrt",
                                                "Squeeze",
                                                "Sub",
                                                "Sum",
                                                "Tan",
                                                "Tanh",
                                                "ThresholdedRelu",
                                                "Tile",
                                                "TopK",
                                                "Transpose",
                                                "Unsqueeze",
                                                "Upsample",
                                                "Where",
                                                "Xor"};
  return node.domain.empty() && !known.contains(node.op);
}

// ---- tables

constexpr std::string_view kTensorRtOperators =
    "https://github.com/onnx/onnx-tensorrt/blob/main/docs/operators.md";
constexpr std::string_view kNotInTensorRt = "TensorRT has no such operator";

constexpr auto kTensorRt = std::to_array<Refusal>({
    {"If", branches_differ, Damage::kLimit,
     "the branches have different ranks: 'IIfConditionalOutputLayer inputs must have the same "
     "shape'",
     "tv2onnx doctor MODEL.onnx --fix FIXED.onnx (D06)",
     "https://github.com/NVIDIA/TensorRT/issues/3034"},
    {"Reshape", infers_beside_proposals, Damage::kLimit,
     "the number of proposals beside -1: 'reshape wildcard -1 has infinite number of solutions'",
     "tv2onnx doctor MODEL.onnx --fix FIXED.onnx (D02)",
     "https://github.com/NVIDIA/TensorRT/issues/2796"},
    {"ConvInteger", nullptr, Damage::kLimit, kNotInTensorRt,
     "let TensorRT quantise: export float32 and build with --int8", kTensorRtOperators},
    {"MatMulInteger", nullptr, Damage::kLimit, kNotInTensorRt,
     "let TensorRT quantise: export float32 and build with --int8", kTensorRtOperators},
    {"DynamicQuantizeLinear", nullptr, Damage::kLimit, kNotInTensorRt,
     "let TensorRT quantise: export float32 and build with --int8", kTensorRtOperators},
    {"QLinear*", nullptr, Damage::kLimit, kNotInTensorRt,
     "quantise with QuantizeLinear and DequantizeLinear pairs (QDQ)", kTensorRtOperators},
    {"Sequence*", nullptr, Damage::kLimit, kNotInTensorRt, kExport, kTensorRtOperators},
    {"SplitToSequence", nullptr, Damage::kLimit, kNotInTensorRt, kExport, kTensorRtOperators},
    {"ConcatFromSequence", nullptr, Damage::kLimit, kNotInTensorRt, kExport, kTensorRtOperators},
    {"Optional*", nullptr, Damage::kLimit, kNotInTensorRt, kExport, kTensorRtOperators},
    {"Compress", nullptr, Damage::kLimit, kNotInTensorRt, kExport, kTensorRtOperators},
    {"Unique", nullptr, Damage::kLimit, kNotInTensorRt, kExport, kTensorRtOperators},
    {"Det", nullptr, Damage::kLimit, kNotInTensorRt, kNewer, kTensorRtOperators},
    {"MaxUnpool", nullptr, Damage::kLimit, kNotInTensorRt, kNewer, kTensorRtOperators},
    {"MaxRoiPool", nullptr, Damage::kLimit, kNotInTensorRt, kNewer, kTensorRtOperators},
    {"BitShift", nullptr, Damage::kLimit, kNotInTensorRt, kNewer, kTensorRtOperators},
    {"Resize", resizes_cubic, Damage::kLimit, "only nearest and linear, without antialias",
     "resize outside the model", kTensorRtOperators},
    {"Cast", makes_double, Damage::kInformation,
     "double precision is computed in float32: image sizes may differ by a pixel (D05)",
     "none: an image of the model's own size is not resized", kTensorRtOperators},
    {"*", is_custom, Damage::kLimit, "operators of other domains need a plugin of that name",
     kExport, kTensorRtOperators},
});

constexpr std::string_view kOpenVinoOperators =
    "https://github.com/openvinotoolkit/openvino/blob/master/src/frontends/onnx/docs/"
    "supported_ops.md";
constexpr std::string_view kPatterns = "sequences are supported in certain patterns only";

constexpr auto kOpenVino = std::to_array<Refusal>({
    {"RoiAlign", lacks_sampling_ratio, Damage::kWrong,
     "without sampling_ratio OpenVINO samples one point, ONNX as many as fit: other boxes",
     "tv2onnx doctor MODEL.onnx --fix FIXED.onnx (D10)",
     "https://github.com/openvinotoolkit/openvino/issues/37826"},
    {"SequenceMap", nullptr, Damage::kLimit, "OpenVINO has no such operator", kExport,
     kOpenVinoOperators},
    {"Sequence*", nullptr, Damage::kLimit, kPatterns, kExport, kOpenVinoOperators},
    {"ConcatFromSequence", nullptr, Damage::kLimit, kPatterns, kExport, kOpenVinoOperators},
    {"Optional*", nullptr, Damage::kLimit, "OpenVINO has no such operator", kExport,
     kOpenVinoOperators},
    {"DeformConv", nullptr, Damage::kLimit, "OpenVINO has no such operator", kNewer,
     kOpenVinoOperators},
    {"Det", nullptr, Damage::kLimit, "OpenVINO has no such operator", kNewer, kOpenVinoOperators},
    {"MaxUnpool", nullptr, Damage::kLimit, "OpenVINO has no such operator", kNewer,
     kOpenVinoOperators},
    {"LpPool", nullptr, Damage::kLimit, "OpenVINO has no such operator", kNewer,
     kOpenVinoOperators},
});

constexpr std::string_view kOpenCvImporter =
    "https://github.com/opencv/opencv/blob/4.x/modules/dnn/src/onnx/onnx_importer.cpp";
constexpr std::string_view kOpenCvRemedy =
    "ONNX Runtime takes the same pixels; OpenCV runs backbones and one-stage heads";

constexpr auto kOpenCv = std::to_array<Refusal>({
    {"NonMaxSuppression", nullptr, Damage::kLimit, "not in the importer",
     "cut the file in front of it and call cv::dnn::NMSBoxes, or use ONNX Runtime",
     "https://github.com/opencv/opencv/issues/23298"},
    {"RoiAlign", nullptr, Damage::kLimit, "not in the importer", kOpenCvRemedy,
     "https://github.com/opencv/opencv/issues/21634"},
    {"*", unknown_to_opencv, Damage::kLimit, "operators that the importer does not have",
     kOpenCvRemedy, kOpenCvImporter},
    {"Reshape", shape_is_computed, Damage::kLimit,
     "the shape is computed, OpenCV 4 needs fixed ones", kOpenCvRemedy,
     "https://github.com/opencv/opencv/issues/15576"},
    {"Resize", shape_is_computed, Damage::kLimit, "the size is computed, OpenCV 4 needs fixed ones",
     kOpenCvRemedy, "https://github.com/opencv/opencv/issues/26141"},
});

constexpr std::string_view kWebGpu =
    "https://github.com/microsoft/onnxruntime/blob/main/js/web/docs/webgpu-operators.md";
constexpr std::string_view kOnCpu =
    "has no WebGPU implementation: right, but every one costs a copy from and to the GPU";

constexpr auto kOrtWeb = std::to_array<Refusal>({
    {"*", is_custom, Damage::kLimit, "operators of other domains", kExport,
     "https://onnxruntime.ai/docs/reference/compatibility.html"},
    {"NonMaxSuppression", nullptr, Damage::kInformation, kOnCpu,
     "executionProviders: ['wasm'] for detectors", kWebGpu},
    {"NonZero", nullptr, Damage::kInformation, kOnCpu, "executionProviders: ['wasm'] for detectors",
     kWebGpu},
    {"RoiAlign", nullptr, Damage::kInformation, kOnCpu,
     "executionProviders: ['wasm'] for detectors", kWebGpu},
    {"TopK", nullptr, Damage::kInformation, kOnCpu, "executionProviders: ['wasm'] for detectors",
     kWebGpu},
});

constexpr std::array kTargets{
    TargetTable{"tensorrt", "TensorRT 10", kTensorRt},
    TargetTable{"openvino", "OpenVINO 2025", kOpenVino},
    TargetTable{"opencv", "OpenCV 4", kOpenCv},
    TargetTable{"ort-web", "onnxruntime-web 1.20", kOrtWeb},
};

}  // namespace

std::span<const TargetTable> targets() {
  return kTargets;
}

}  // namespace tv2onnx::doctor
