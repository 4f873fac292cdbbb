// What TensorRT and OpenVINO refuse. Each row of a table names its source, because programs change.

#include <algorithm>
#include <array>
#include <set>

#include "doctor/targets.h"

namespace tv2onnx::doctor {
namespace {

constexpr std::string_view kExport = kExportRemedy;
constexpr std::string_view kNewer = "a newer release, or run this part elsewhere";

// ---- conditions

/// Squeeze in one branch, the value itself in the other: different ranks.
bool branches_differ(const TargetContext& /*context*/, const OnnxNode& node) {
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
bool infers_beside_proposals(const TargetContext& context, const OnnxNode& node) {
  if (!has_input(node, 1) || context.rules.view.integers(node.input(1))) return false;
  return std::ranges::any_of(context.rules.box_heads,
                             [&](const BoxHead& head) { return head.reshape == &node; });
}

bool lacks_sampling_ratio(const TargetContext& /*context*/, const OnnxNode& node) {
  return node.find("sampling_ratio") == nullptr;
}

bool resizes_cubic(const TargetContext& /*context*/, const OnnxNode& node) {
  const OnnxAttribute* mode = node.find("mode");
  const bool cubic = mode != nullptr && mode->s == "cubic";
  return cubic || node.integer("antialias", 0) != 0;
}

/// K is a number of candidates that only the image decides.
bool takes_computed_count(const TargetContext& context, const OnnxNode& node) {
  return has_input(node, 1) && context.found.contains(node.input(1));
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
    {"*", has_double, Damage::kLimit,
     "TensorRT has no double precision: the parser refuses it, or computes in float32, which makes "
     "resized images a pixel smaller at some sizes",
     kExport, kTensorRtOperators},
    {"TopK", takes_computed_count, Damage::kLimit,
     "K comes from what was found in the image; TensorRT needs a constant, or a number that "
     "follows "
     "from the image's size",
     "of one-stage models tv2onnx export MODEL.pth --outputs raw, and select the boxes outside",
     kTensorRtOperators},
    {"*", is_custom, Damage::kLimit, "operators of other domains need a plugin of that name",
     kExport, kTensorRtOperators},
});

constexpr std::string_view kOpenVinoOperators =
    "https://github.com/openvinotoolkit/openvino/blob/master/src/frontends/onnx/docs/"
    "supported_ops.md";
constexpr std::string_view kSequencePatterns = "sequences are supported in certain patterns only";

constexpr auto kOpenVino = std::to_array<Refusal>({
    {"RoiAlign", lacks_sampling_ratio, Damage::kWrong,
     "without sampling_ratio OpenVINO samples one point, ONNX as many as fit: other boxes",
     "tv2onnx doctor MODEL.onnx --fix FIXED.onnx (D10)",
     "https://github.com/openvinotoolkit/openvino/issues/37826"},
    {"SequenceMap", nullptr, Damage::kLimit, "OpenVINO has no such operator", kExport,
     kOpenVinoOperators},
    {"Sequence*", nullptr, Damage::kLimit, kSequencePatterns, kExport, kOpenVinoOperators},
    {"ConcatFromSequence", nullptr, Damage::kLimit, kSequencePatterns, kExport, kOpenVinoOperators},
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

}  // namespace

TargetTable tensorrt_target() {
  return {"tensorrt", "TensorRT 10", kTensorRt, nullptr};
}

TargetTable openvino_target() {
  return {"openvino", "OpenVINO 2025", kOpenVino, nullptr};
}

}  // namespace tv2onnx::doctor
