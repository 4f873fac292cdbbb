// onnx, its checker and its tools.

#include <array>

#include "doctor/log/patterns.h"

namespace tv2onnx::doctor {
namespace {

constexpr std::string_view kProtobuf = "https://protobuf.dev/programming-guides/proto-limits/";

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
    {Detail::kExact, kNoFault, "is higher than the checker's",
     R"(model ir_version (\d+) is higher than the checker's \((\d+)\))",
     "the file is of IR version {1}, this onnx package knows {2}", "pip install --upgrade onnx",
     "https://github.com/onnx/onnx/blob/main/onnx/checker.cc"},
    {Detail::kExact, kNoFault, "cannot import name 'mapping' from 'onnx'", "",
     "a tool (onnx-tf and others) uses onnx.mapping, which newer onnx packages do not have",
     "an onnx package of the tool's time, in an environment of its own",
     "https://github.com/onnx/onnx/releases"},
    {Detail::kExact, kNoFault, "Descriptors cannot",
     R"(Descriptors cannot (?:not )?be created directly)",
     "the onnx package was generated for a protobuf before 4",
     "pip install --upgrade onnx, or protobuf below 3.21", "https://protobuf.dev/news/2022-05-06/"},
    {Detail::kGeneric, "D08", "[ShapeInferenceError]", R"(\[ShapeInferenceError\] ([^\n]{1,120}))",
     "shapes contradict each other: {1}", remedy::kFix,
     "https://github.com/onnx/onnx/blob/main/docs/ShapeInference.md"},
    {Detail::kGeneric, "D08", "Could not infer", R"(Could not infer ([^\n]{1,80}))",
     "a tool could not find out {1}", remedy::kDoctor,
     "https://github.com/onnx/onnx/blob/main/docs/ShapeInference.md"},
});

}  // namespace

LogTable onnx_patterns() {
  return {"onnx", kOnnx};
}

}  // namespace tv2onnx::doctor
