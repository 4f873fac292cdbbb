// torch.onnx.export, onnx and its tools.

#include <array>

#include "doctor/log/patterns.h"

namespace tv2onnx::doctor {
namespace {

constexpr std::string_view kTracing = "https://docs.pytorch.org/docs/2.5/onnx_torchscript.html";
constexpr std::string_view kNotTraced =
    "tv2onnx export MODEL.pth -o NEW.onnx builds the graph from the checkpoint; nothing is traced";
constexpr std::string_view kProtobuf = "https://protobuf.dev/programming-guides/proto-limits/";

constexpr auto kTorch = std::to_array<LogPattern>({
    {Detail::kExact, kNoFault, "GuardOnDataDependentSymNode",
     R"(data-dependent expression ([^(\n]{1,60}))",
     "the new exporter (dynamo=True, default since torch 2.9) needs to know '{1}', a number of "
     "boxes, before there is an image",
     kNotTraced, "https://github.com/pytorch/vision/issues/9306"},
    {Detail::kExact, kNoFault, "Could not guard on data-dependent expression",
     R"(data-dependent expression ([^(\n]{1,60}))",
     "the new exporter (dynamo=True, default since torch 2.9) needs to know '{1}', a number of "
     "boxes, before there is an image",
     kNotTraced, "https://github.com/pytorch/pytorch/issues/143222"},
    {Detail::kKind, kNoFault, "Tried to use data-dependent value", "",
     "the new exporter cannot follow a number that comes from the data", kNotTraced,
     "https://github.com/pytorch/pytorch/issues/116336"},
    {Detail::kKind, kNoFault, "Failed to export the model with torch.export", "",
     "the new exporter (dynamo=True, default since torch 2.9) refuses torchvision's detectors",
     kNotTraced, "https://github.com/pytorch/pytorch/issues/146152"},
    {Detail::kExact, kNoFault, "Support for this operator was added in version",
     R"(operator '?([\w:]+)'? to ONNX opset version (\d+) is not supported[\s\S]{0,60}added in version (\d+))",
     "{1} does not exist in opset {2}", "opset_version={3} or higher",
     "https://github.com/pulp-platform/nemo/issues/16"},
    {Detail::kExact, kNoFault, "Exporting the operator",
     R"(operator '?(torchvision::\w+|prim::\w+|prim_\w+)'? to ONNX opset version (\d+) is not supported)",
     "this pair of torch and torchvision cannot write {1}: the versions do not belong together, or "
     "the opset ({2}) is too low",
     kNotTraced, "https://github.com/pytorch/pytorch/issues/77671"},
    {Detail::kExact, kNoFault, "_aa' to ONNX opset", R"(operator '(aten::_upsample\w+)')",
     "{1}: resizing with antialias=True has no ONNX form",
     "antialias=False, or resize outside the model",
     "https://github.com/pytorch/pytorch/issues/121623"},
    {Detail::kKind, kNoFault, "Exporting the operator",
     R"(operator '?([\w:]+)'? to ONNX opset version (\d+) is not supported)",
     "torch.onnx cannot write {1} in opset {2}", "a higher opset_version, or another operator",
     "https://github.com/pytorch/pytorch/issues/99692"},
    {Detail::kKind, kNoFault, "No ONNX function found for",
     R"(function found for (?:<OpOverload\(op=')?([\w.]+))", "the new exporter has no form of {1}",
     "dynamo=False, or tv2onnx export", "https://github.com/pytorch/vision/issues/9251"},
    {Detail::kExact, "D10", "roi_align with aligned=True is only supported in opset", "",
     "RoiAlign has no half-pixel shift before opset 16: other boxes",
     "opset_version=16 or higher, with torchvision 0.15 or newer",
     "https://github.com/microsoft/onnxruntime/issues/6921"},
    {Detail::kExact, "D10", "did not match Pytorch's Interpolation until opset 11", "",
     "Resize computes other pixels than PyTorch before opset 11", "opset_version=11 or higher",
     "https://github.com/microsoft/onnxruntime/issues/2474"},
    {Detail::kKind, kNoFault, "is set to train=True", "", "the model is in training mode",
     "model.eval() before the export", kTracing},
    {Detail::kKind, kNoFault, "argets should not be", "", "the model is in training mode",
     "model.eval() before the export",
     "https://github.com/pytorch/vision/blob/main/torchvision/models/detection/"
     "generalized_rcnn.py"},
    {Detail::kKind, kNoFault, "In training mode, targets should be passed", "",
     "the model is in training mode", "model.eval() before the export",
     "https://github.com/pytorch/vision/blob/main/torchvision/models/detection/"
     "generalized_rcnn.py"},
    {Detail::kKind, "D01", "Converting a tensor to a Python boolean might cause", "",
     "a decision of the model is frozen as it fell for the dummy image; with no proposals it is "
     "the "
     "one that breaks the boxes",
     "tv2onnx doctor MODEL.onnx examines the file that came out", kTracing},
    {Detail::kKind, "D03", "Converting a tensor to a Python", "",
     "a number of the dummy image becomes a constant of the file",
     "tv2onnx doctor MODEL.onnx examines the file that came out", kTracing},
    {Detail::kKind, "D03", "results are registered as constants in the trace", "",
     "a number of the dummy image becomes a constant of the file",
     "tv2onnx doctor MODEL.onnx examines the file that came out", kTracing},
    {Detail::kKind, "D04", "Iterating over a tensor might cause", "",
     "the loop over the images is unrolled: the file takes as many as the dummy batch has",
     "tv2onnx doctor MODEL.onnx examines the file that came out", kTracing},
    {Detail::kHarmless, kNoFault, "operator of advanced indexing in opset", "",
     "an index is written as several operators", "nothing", kTracing},
    {Detail::kHarmless, kNoFault, "Only steps=1 can be constant folded", "",
     "a constant stays a computation", "nothing", kTracing},
    {Detail::kExact, kNoFault, "No module named 'onnxscript'", "",
     "the new exporter (default since torch 2.9) needs another package",
     "pip install onnxscript, or dynamo=False", "https://docs.pytorch.org/docs/stable/onnx.html"},
});

constexpr auto kOnnx = std::to_array<LogPattern>({
    {Detail::kExact, "D15", "exceeds maximum protobuf size of 2GB", R"(size of 2GB: (\d+))",
     "{1} bytes are more than one ONNX file can have",
     "save with external data (onnx.save(..., save_as_external_data=True)); tv2onnx export does so "
     "by itself",
     kProtobuf},
    {Detail::kKind, "D15", "maximum protobuf size of 2GB", "",
     "the weights are more than one ONNX file can have, 2 GiB",
     "use_external_data_format=True (torch before 1.10), a newer torch, or tv2onnx export",
     kProtobuf},
    {Detail::kKind, "D15", "larger than the 2GiB limit", "",
     "the weights are more than one ONNX file can have, 2 GiB",
     "save with external data; tv2onnx export does so by itself", kProtobuf},
    {Detail::kKind, "D15", "rejected because it was too big", "",
     "the file has more than protobuf's 2 GiB", "save with external data", kProtobuf},
    {Detail::kExact, "D15", "topologically sorted", R"(however input '([^']*)')",
     "value {1} is used before it is made, or nothing makes it: the file was edited wrongly",
     remedy::kDoctor, "https://github.com/onnx/onnx/blob/main/onnx/checker.cc"},
    {Detail::kExact, "D15", "Unrecognized attribute", R"(attribute: (\w+) for operator (\w+))",
     "{2} has no '{1}' in the opset that the file declares: the opset was edited by hand",
     remedy::kExport, "https://github.com/onnx/onnx/blob/main/onnx/defs/schema.cc"},
    {Detail::kExact, "D15", "ModelProto does not have a graph", "",
     "the file is empty of content: an interrupted download or a git-lfs pointer", "fetch it again",
     "https://github.com/microsoft/onnxruntime/blob/main/onnxruntime/core/graph/model.cc"},
    {Detail::kKind, "D15", "Error parsing message with type 'onnx.ModelProto'", "",
     "not an ONNX file, or a truncated one (an interrupted download, a git-lfs pointer, a web "
     "page)",
     "tv2onnx doctor MODEL.onnx says at which byte it breaks off",
     "https://github.com/onnx/onnx/blob/main/docs/PythonAPIOverview.md"},
    {Detail::kExact, "D07", "will be truncated to",
     R"(float32 number (\S+) will be truncated to (\S+))",
     "{1} does not fit into half precision and becomes {2}",
     "keep that operator in float32: op_block_list of convert_float_to_float16",
     "https://onnxruntime.ai/docs/performance/model-optimizations/float16.html"},
    {Detail::kKind, "D08", "Incomplete symbolic shape inference", "",
     "a tool could not follow the shapes of the post-processing", remedy::kFix,
     "https://github.com/microsoft/onnxruntime/blob/main/onnxruntime/python/tools/"
     "symbolic_shape_infer.py"},
    {Detail::kExact, "D08", "[ShapeInferenceError]",
     R"(op_type: ?(\w+)(?:, node name: ([^)]*))?\)[\s\S]{0,20}\[ShapeInferenceError\] ([^\n]{1,120}))",
     "the shapes around the {1} {2} contradict each other: {3}", remedy::kFix,
     "https://github.com/onnx/onnx/blob/main/docs/ShapeInference.md"},
    {Detail::kGeneric, "D08", "[ShapeInferenceError]", R"(\[ShapeInferenceError\] ([^\n]{1,120}))",
     "shapes contradict each other: {1}", remedy::kFix,
     "https://github.com/onnx/onnx/blob/main/docs/ShapeInference.md"},
    {Detail::kGeneric, "D08", "Could not infer", R"(Could not infer ([^\n]{1,80}))",
     "a tool could not find out {1}", remedy::kDoctor,
     "https://github.com/onnx/onnx/blob/main/docs/ShapeInference.md"},
});

}  // namespace

LogTable torch_patterns() {
  return {"torch.onnx", kTorch};
}

LogTable onnx_patterns() {
  return {"onnx", kOnnx};
}

}  // namespace tv2onnx::doctor
