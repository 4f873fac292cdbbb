// TensorRT: its ONNX parser, builder and runtime.

#include <array>

#include "doctor/log/patterns.h"

namespace tv2onnx::doctor {
namespace {

constexpr std::string_view kTensorRtOperatorsPage =
    "https://github.com/onnx/onnx-tensorrt/blob/main/docs/operators.md";
constexpr std::string_view kShapes =
    "https://docs.nvidia.com/deeplearning/tensorrt/latest/inference-library/"
    "work-dynamic-shapes.html";
constexpr std::string_view kTarget =
    "tv2onnx doctor MODEL.onnx --target tensorrt lists all of them";

std::optional<Groups> box_columns(Groups groups) {
  const long columns = std::stol(groups[2].substr(0, 9));
  if (columns % 4 != 3) return std::nullopt;
  groups.push_back(std::to_string((columns + 1) / 4));
  return groups;
}

constexpr auto kTensorRtPatterns = std::to_array<LogPattern>({
    {Detail::kExact, "D06", "IIfConditionalOutputLayer inputs must have the same shape",
     R"(Shapes are (\[[^\]]*\]) and (\[[^\]]*\]))",
     "the exporter left an If whose branches have the shapes {1} and {2} (torch before 2.x, around "
     "a Squeeze in the RoI pooling)",
     remedy::kFix, "https://github.com/NVIDIA/TensorRT/issues/3034"},
    {Detail::kKind, "D06", "IIfConditionalOutputLayer", "",
     "the exporter left an If whose branches have different shapes", remedy::kFix,
     "https://github.com/NVIDIA/TensorRT/issues/2846"},
    {Detail::kExact, "D02", "reshape wildcard -1", R"(Reshaping \[0, ?(\d+)\] to \[0, ?-1\])",
     "TensorRT plans with zero proposals, and -1 of an empty tensor ([0,{1}] to [0,-1]) is "
     "undefined",
     remedy::kFix, "https://github.com/NVIDIA/TensorRT/issues/2796"},
    {Detail::kKind, "D02", "reshape wildcard -1", "",
     "a shape mixes a dimension that depends on the data with -1", remedy::kFix,
     "https://github.com/onnx/onnx-tensorrt/issues/907"},
    {Detail::kExact, "D01", "reshape changes volume",
     R"(Reshaping \[(-?\d+), ?(\d{2,8})\] to \[-1, ?4\])",
     "the model was traced with an image without proposals: rows of {2} = 4 x {3} - 1 numbers ({3} "
     "classes with background)",
     remedy::kFix, "https://github.com/pytorch/vision/issues/8534", box_columns},
    {Detail::kExact, "D03", "reshape changes volume", R"(Reshaping (\[[^\]]*\]) to (\[[^\]]*\]))",
     "{1} does not fit into {2}: a size was fixed when the model was traced", remedy::kFix,
     "https://github.com/NVIDIA/TensorRT/issues/3126"},
    {Detail::kExact, "D13", "No importer registered for op",
     R"(No importer registered for op: (\w+))", "this TensorRT has no operator {1}", kTarget,
     kTensorRtOperatorsPage},
    {Detail::kExact, "D13", "could not find plugin", R"(could not find plugin:? (\w+))",
     "the file uses {1}, which is not an ONNX operator or needs a newer TensorRT", kTarget,
     kTensorRtOperatorsPage},
    {Detail::kExact, "D13", "Unsupported ONNX data type", R"(Unsupported ONNX data type: (\w+))",
     "TensorRT computes nothing in {1}",
     "export with a float32 input (tv2onnx export --input float) and convert the image outside",
     kTensorRtOperatorsPage},
    {Detail::kExact, "D13", "only supports input K as an initializer", "",
     "a TopK whose K is computed in the graph",
     "a newer TensorRT (from 8.6 on), or an export for one size", kTensorRtOperatorsPage},
    {Detail::kExact, "D13", "inputs.at(1).is_weights()", "",
     "a TopK whose K is computed in the graph, and this TensorRT takes a constant only",
     "a newer TensorRT (from 8.6 on), or an export for one size",
     "https://github.com/open-mmlab/mmdetection/issues/4822"},
    {Detail::kExact, "D13", "axis != BATCH_DIM", "",
     "a TensorRT before 7: no operator may touch the first dimension", "a newer TensorRT",
     "https://github.com/pytorch/vision/issues/1620"},
    {Detail::kExact, "D03", "Static dimension mismatch while setting input shape",
     R"(Set dimensions are (\[[^\]]*\])[\s\S]{0,40}xpected dimensions are (\[[^\]]*\]))",
     "the engine was built for {2} and got {1}",
     "make the file dynamic (tv2onnx doctor MODEL.onnx --fix FIXED.onnx), then build with "
     "--minShapes, --optShapes and --maxShapes",
     kShapes},
    {Detail::kKind, kNoFault, "no optimization profile has been defined", "",
     "the file is dynamic, and TensorRT must be told the range of sizes",
     "trtexec --minShapes=input:1x3x320x320 --optShapes=input:1x3x800x800 "
     "--maxShapes=input:4x3x1344x1344",
     kShapes},
    {Detail::kKind, "D09", "Cannot find binding of given name",
     R"(Cannot find binding of given name:? ?(\w*))", "the file has no input or output called {1}",
     "tv2onnx inspect MODEL.onnx shows the names", kShapes},
    {Detail::kKind, kNoFault, "engine plan file is not compatible", "",
     "the engine was built by another version of TensorRT or for another GPU",
     "build the engine again where it runs",
     "https://docs.nvidia.com/deeplearning/tensorrt/latest/inference-library/"
     "advanced.html"},
    {Detail::kHarmless, "D13", "has been generated with INT64 weights", "",
     "indices are int64 and TensorRT before 10 computes in int32: right for all real sizes",
     "nothing", "https://github.com/NVIDIA/TensorRT/issues/3321"},
    {Detail::kHarmless, "D13", "outside the range of INT32 was clamped", "",
     "the end of a Slice is written as 2^63 - 1, 'to the end'; clamping keeps the meaning",
     "nothing", "https://github.com/NVIDIA/TensorRT/issues/3321"},
    {Detail::kExact, "D17", "length of reduction axis",
     R"(length of reduction axis \((\d+)\) is smaller than K \((\d+)\))",
     "a TopK takes {2} of {1}: the number of candidates of the traced image is in the file. If "
     "other images of the same size run, the content of this one is the cause (D17), else its size "
     "(D03)",
     "tv2onnx doctor MODEL.onnx --fix FIXED.onnx; where it finds nothing to repair: tv2onnx doctor "
     "MODEL.onnx --rebuild NEW.onnx",
     "https://github.com/open-mmlab/mmdetection/issues/6166"},
    {Detail::kExact, "D13", "Plugin not found, are the plugin name", "",
     "the file has an operator that is not TensorRT's, and no plugin of that name is loaded; the "
     "line 'While parsing node number' names it",
     kTarget, "https://github.com/NVIDIA/TensorRT/issues/2188"},
    {Detail::kExact, "D13", "plugin was not found in the plugin registry",
     R"((\w+) plugin was not found in the plugin registry)",
     "the file needs the plugin {1}, which is not loaded", kTarget,
     "https://github.com/open-mmlab/mmdeploy/issues/2791"},
    {Detail::kExact, "D13", "While parsing node number",
     R"(parsing node number \d+ \[(AliasWithName|GenerateProposals|CollectRpnProposals|BoxWithNMSLimit|BatchPermutation|RoIAlign|CopyGPUToCPU|ResizeNearest))",
     "{1} is an operator of Caffe2: the file is of detectron2's Caffe2 tracer, not of ONNX",
     "export it by detectron2's export to ONNX without Caffe2; detectors of torchvision by tv2onnx "
     "export MODEL.pth -o NEW.onnx",
     "https://github.com/NVIDIA/TensorRT/issues/2188"},
    {Detail::kExact, "D13", "has no runners that implement it", R"(failed\. (\S+) has no runners)",
     "this TensorRT has no implementation of {1}", kTarget,
     "https://github.com/NVIDIA/TensorRT-RTX/issues/5"},
    {Detail::kKind, "D13", "Could not find any implementation for node",
     R"(implementation for node ([^\s.]+))",
     "no way of computing {1} worked: too little workspace, or the driver does not fit",
     "more workspace (trtexec --memPoolSize=workspace:4096); tv2onnx doctor MODEL.onnx --target "
     "tensorrt lists what TensorRT does not have",
     "https://github.com/quangdungluong/DeepStream-YOLOv11/issues/3"},
    {Detail::kExact, "D13", "double-typed weights", "",
     "TensorRT has no double precision and computes in float32: resized images can become a pixel "
     "smaller than PyTorch's",
     kTarget, kTensorRtOperatorsPage},
    {Detail::kExact, "D13", "only supports asymmetric coordinate transformation mode", "",
     "a TensorRT before 7.1, which resizes in one way only", "a newer TensorRT",
     kTensorRtOperatorsPage},
    {Detail::kExact, kNoFault, "Version tag does not match", "",
     "the engine was built by another version of TensorRT", "build the engine again where it runs",
     "https://docs.nvidia.com/deeplearning/tensorrt/latest/inference-library/advanced.html"},
    {Detail::kExact, kNoFault, "expecting compute ",
     R"(expecting compute (\S+) got compute (\d[\d.]*))",
     "the engine was built for a GPU of compute capability {2}, this one has {1}",
     "build the engine again where it runs",
     "https://docs.nvidia.com/deeplearning/tensorrt/latest/inference-library/advanced.html"},
    {Detail::kGeneric, "D13", "Network must have at least one output", "",
     "the parser had already stopped: the first line with [E] above says why", kTarget,
     kTensorRtOperatorsPage},
    {Detail::kHarmless, kNoFault, "Some tactics do not have sufficient workspace memory", "",
     "faster ways of computing were left out for lack of workspace",
     "trtexec "
     "--memPoolSize=workspace:4096",
     kTensorRtOperatorsPage},
    {Detail::kGeneric, "D13", "Invalid Node - ", R"(Invalid Node - (\S+))",
     "TensorRT refuses node {1}", kTarget, kTensorRtOperatorsPage},
    {Detail::kGeneric, "D13", "While parsing node number", R"(parsing node number \d+ \[(\w+))",
     "TensorRT stops at a node of type {1}", kTarget, kTensorRtOperatorsPage},
});

}  // namespace

LogTable tensorrt_patterns() {
  return {"TensorRT", kTensorRtPatterns};
}

}  // namespace tv2onnx::doctor
