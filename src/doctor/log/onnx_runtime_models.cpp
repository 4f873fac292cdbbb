// ONNX Runtime: a model that it does not load, libraries that it misses, and its warnings.

#include <array>

#include "doctor/log/patterns.h"

namespace tv2onnx::doctor {
namespace {

constexpr std::string_view kCompatibilityPage =
    "https://onnxruntime.ai/docs/reference/compatibility.html";
constexpr std::string_view kCuda =
    "https://onnxruntime.ai/docs/execution-providers/CUDA-ExecutionProvider.html";
constexpr std::string_view kExternal =
    "https://github.com/onnx/onnx/blob/main/docs/ExternalData.md";
constexpr std::string_view kBeside =
    "put the file of weights beside the model, under the name that it had when it was exported";
constexpr std::string_view kGraphSource =
    "https://github.com/microsoft/onnxruntime/blob/main/onnxruntime/core/graph/graph.cc";

constexpr auto kModelPatterns = std::to_array<LogPattern>({
    {Detail::kExact, "D14", "Could not find an implementation for",
     R"(implementation for ((?:ConvInteger|MatMulInteger|QLinear\w+|DynamicQuantize\w+)\(\d+\)))",
     "the model was quantised with {1}, which this runtime does not have",
     "quantise without convolutions (op_types_to_quantize=['MatMul', 'Gemm']), or export again "
     "with "
     "tv2onnx export",
     "https://github.com/microsoft/onnxruntime/issues/15888"},
    {Detail::kExact, "D13", "Could not find an implementation for",
     R"(implementation for (\w+)\((\d+)\))",
     "this runtime has no {1} of opset {2} for these element types (half or double precision, or "
     "an older runtime)",
     "a newer ONNX Runtime, or an export in float32 with a lower --opset", kCompatibilityPage},
    {Detail::kExact, kNoFault, "Unsupported model IR version",
     R"(IR version: (\d+), max supported IR version: (\d+))",
     "the file is of IR version {1}, ONNX Runtime knows {2}: the runtime is older than the "
     "exporter",
     "a newer ONNX Runtime, or export again with a lower opset (tv2onnx export --opset 17)",
     "https://github.com/microsoft/onnxruntime/issues/20559"},
    {Detail::kExact, kNoFault, "is under development and support for this is limited",
     R"(Opset (\d+) is under development[\s\S]*till opset (\d+))",
     "the file is of opset {1}, this ONNX Runtime knows {2}",
     "a newer ONNX Runtime, or export again: tv2onnx export --opset {2}", kCompatibilityPage},
    {Detail::kExact, kNoFault, "No Op registered for",
     R"(No Op registered for (\w+) with domain_version of (\d+))",
     "{1} does not exist in opset {2} or this ONNX Runtime is too old for it",
     "a newer ONNX Runtime, or export again with another --opset (11 to 21)", kCompatibilityPage},
    {Detail::kExact, "D13", "is not a registered function/op",
     R"(Fatal error: (\S+?)\(-?\d*\) is not a registered)",
     "{1} is an operator of another program (a plugin or a PyTorch extension), not of ONNX",
     "export again without it; torchvision's nms and roi_align have ONNX forms from opset 11 on",
     "https://github.com/pytorch/vision/issues/9251"},
    {Detail::kExact, "D07", "tensor(float16)",
     R"(Type 'tensor\(float16\)' of input parameter \((\S+)\) of operator \((\w+)\))",
     "{2} takes no half precision: the conversion to float16 went into the post-processing",
     "convert with op_block_list=['{2}', ...] and keep_io_types=True",
     "https://onnxruntime.ai/docs/performance/model-optimizations/float16.html"},
    {Detail::kExact, "D07", "bound to different types",
     R"(Type parameter \((\w+)\) of Optype \((\w+)\) bound to different types \(tensor\((\w+)\) and tensor\((\w+)\))",
     "a {2} mixes {3} and {4}: a conversion of precision stopped halfway", remedy::kExport,
     "https://onnxruntime.ai/docs/performance/model-optimizations/float16.html"},
    {Detail::kExact, "D15", "External data path does not exist",
     R"(External data path does not exist: ?(\S+))",
     "the weights are in a second file, {1}, which is not there", kBeside, kExternal},
    {Detail::kExact, "D15", "External initializer", R"(External initializer: (\S+))",
     "the file of weights beside the model is missing or too short (first missing: {1})", kBeside,
     kExternal},
    {Detail::kKind, "D15", ".data\"", R"(\"([^\"]*\.data)\")",
     "the weights are in a second file, {1}, which cannot be read", kBeside, kExternal},
    {Detail::kExact, "D15", "Duplicate definition of name",
     R"(Duplicate definition of name \(([^)]*)\))", "two values are called {1}", remedy::kDoctor,
     kGraphSource},
    {Detail::kKind, "D15", "the graph is not acyclic", "",
     "the graph has a cycle: it was edited by "
     "a program that made a mistake",
     remedy::kExport, kGraphSource},
    {Detail::kKind, "D15", "Protobuf parsing failed", "",
     "not an ONNX file, or a truncated one (an interrupted download, a git-lfs pointer, a web "
     "page)",
     "compare the size with the original, fetch it again; tv2onnx doctor MODEL.onnx says at which "
     "byte it breaks off",
     "https://github.com/microsoft/onnxruntime/blob/main/onnxruntime/core/graph/model.cc"},
    {Detail::kKind, kNoFault, "File doesn't exist", "", "the path is wrong",
     "give the path of the model",
     "https://onnxruntime.ai/docs/api/python/auto_examples/plot_common_errors.html"},
    {Detail::kExact, kNoFault, "Failed to load library libonnxruntime_providers_",
     R"(with error: (\S+?): cannot open shared object)",
     "ONNX Runtime's GPU part misses {1}: CUDA or cuDNN of another major version, or not installed",
     "install the CUDA and cuDNN versions that your onnxruntime-gpu names, or put them into "
     "LD_LIBRARY_PATH; meanwhile everything runs on the CPU",
     kCuda},
    {Detail::kExact, kNoFault, "is not in available provider names",
     R"(provider '(\w+)' is not in available provider names)",
     "this ONNX Runtime was built without {1}: onnxruntime instead of onnxruntime-gpu, or both "
     "installed",
     "pip uninstall onnxruntime onnxruntime-gpu, then pip install onnxruntime-gpu", kCuda},
    {Detail::kExact, kNoFault, "Failed to allocate memory for requested buffer",
     R"(requested buffer of size (\d+))",
     "no memory for {1} bytes: a large image or batch, or masks pasted to full size",
     "smaller images or batches; for masks tv2onnx export --masks roi",
     "https://github.com/open-mmlab/mmdetection/issues/6151"},
    {Detail::kKind, kNoFault, "CUDA failure", R"(CUDA failure (\d+): ([^;\n]*))", "CUDA fails: {2}",
     "the same on the CPU shows whether the model or the GPU set-up is at fault", kCuda},
    {Detail::kKind, kNoFault, "CUDNN_STATUS_", R"((CUDNN_STATUS_\w+))", "cuDNN fails: {1}",
     "the same on the CPU shows whether the model or the GPU set-up is at fault", kCuda},
    {Detail::kExact, "D13", "cannot resolve operator",
     R"(cannot resolve operator '(\w+)' with opsets?: (\S+ ?v?\d*))",
     "the WebGL backend of onnxruntime-web has no {1}",
     "use the wasm or webgpu backend: executionProviders: ['wasm']; tv2onnx doctor MODEL.onnx "
     "--target ort-web lists all",
     "https://github.com/microsoft/onnxruntime/blob/main/js/web/docs/webgl-operators.md"},
    {Detail::kKind, "D08", "Error merging shape info",
     R"(for output\. '?([^' ]+)'? source:(\{[^}]*\}) target:(\{[^}]*\}))",
     "the file declares {3} for {1}, which is {2}: a stale shape", remedy::kFix, kGraphSource},
    {Detail::kKind, "D08", "nferred shape and existing shape differ", "",
     "a shape that is declared in the file contradicts the graph", remedy::kFix,
     "https://github.com/onnx/onnx/blob/main/onnx/defs/shape_inference.cc"},
    {Detail::kHarmless, "D15", "is not used by any node and should be removed",
     R"(Removing initializer '([^']*)')", "a weight that nothing reads ({1}); harmless",
     remedy::kFix, kGraphSource},
    {Detail::kHarmless, "D16", "appears in graph inputs and will not be treated as constant",
     R"(Initializer (\S+) appears)",
     "weights are inputs too (keep_initializers_as_inputs), which prevents optimisation",
     "export again without it; tv2onnx export writes no such inputs",
     "https://github.com/microsoft/onnxruntime/blob/main/tools/python/"
     "remove_initializer_from_input.py"},
    {Detail::kHarmless, "D16", "Memcpy nodes are added", R"((\d+) Memcpy nodes are added)",
     "{1} copies between GPU and CPU: parts of the graph have no GPU implementation; slow, not "
     "wrong",
     "tv2onnx doctor MODEL.onnx shows what costs (D16)", kCuda},
    {Detail::kHarmless, "D16", "Some nodes were not assigned to the preferred execution providers",
     "", "shape arithmetic runs on the CPU on purpose", "nothing", kCuda},
    {Detail::kGeneric, kNoFault, "Non-zero status code returned while running",
     R"(while running (\w+) node\. Name:'([^']*)')", "{1} '{2}' failed", remedy::kDoctor,
     "https://github.com/microsoft/onnxruntime/blob/main/onnxruntime/core/framework/"
     "sequential_executor.cc"},
});

}  // namespace

LogTable onnx_runtime_model_patterns() {
  return {"ONNX Runtime", kModelPatterns};
}

}  // namespace tv2onnx::doctor
