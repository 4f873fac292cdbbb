// ONNX Runtime: how it is installed, in Python, on phones and in browsers.

#include <array>

#include "doctor/log/patterns.h"

namespace tv2onnx::doctor {
namespace {

constexpr std::string_view kProviders = "https://onnxruntime.ai/docs/api/python/api_summary.html";
constexpr std::string_view kDeploy = "https://onnxruntime.ai/docs/tutorials/web/deploy.html";
constexpr std::string_view kServeFiles =
    "serve the .wasm files of the same onnxruntime-web release beside the page, or set "
    "ort.env.wasm.wasmPaths";

constexpr auto kSetup = std::to_array<LogPattern>({
    {Detail::kExact, kNoFault, "required to explicitly set the providers parameter",
     R"(This ORT build has (\[[^\]]*\]) enabled)",
     "ONNX Runtime with GPU support wants to be told where to run; it has {1}",
     "onnxruntime.InferenceSession(path, providers=['CUDAExecutionProvider', "
     "'CPUExecutionProvider'])",
     kProviders},
    {Detail::kExact, kNoFault, "DLL load failed while importing onnxruntime_pybind11_state", "",
     "the C++ runtime of Visual Studio is missing or too old",
     "install the newest Visual C++ Redistributable (x64)", "https://onnxruntime.ai/docs/install/"},
    {Detail::kExact, kNoFault, "A module that was compiled using NumPy 1.x cannot be run in", "",
     "onnxruntime or torch was built for NumPy 1, and NumPy 2 is installed",
     "pip install 'numpy<2', or newer onnxruntime and torch",
     "https://numpy.org/doc/stable/user/troubleshooting-importerror.html"},
    {Detail::kExact, kNoFault, "Unable to load from type", R"(load from type '<class '([\w.]*)'>')",
     "InferenceSession takes a path or bytes, and got an object of {1}",
     "onnxruntime.InferenceSession(model.SerializeToString())",
     "https://github.com/pytorch/pytorch/issues/33489"},
    {Detail::kKind, "D13", "DmlExecutionProvider", "",
     "DirectML refuses this operator with the shapes of this image",
     "providers=['CPUExecutionProvider']; if that fails, too: tv2onnx doctor MODEL.onnx --run",
     "https://github.com/microsoft/onnxruntime/issues/24928"},
    {Detail::kKind, "D13", "DnnlExecutionProvider_", "",
     "ONNX Runtime's oneDNN provider keeps the shapes of the first image, and has no empty tensors",
     "providers=['CPUExecutionProvider']; tv2onnx doctor MODEL.onnx --target onednn lists what "
     "oneDNN cannot run",
     "https://github.com/microsoft/onnxruntime/issues/14543"},
    {Detail::kHarmless, kNoFault, "pthread_setaffinity_np failed", "",
     "a container or batch system allows fewer cores than the machine has; it runs, perhaps slower",
     "set SessionOptions.intra_op_num_threads to the number of cores that are allowed",
     "https://onnxruntime.ai/docs/performance/tune-performance/threading.html"},
    {Detail::kHarmless, kNoFault, "GPU device discovery failed", "",
     "ONNX Runtime looks for GPUs and this machine, or container, has none", "nothing",
     "https://github.com/microsoft/onnxruntime/blob/main/onnxruntime/core/platform/linux/"
     "device_discovery.cc"},
    {Detail::kExact, "D13", "Type 'tensor(",
     R"(Type 'tensor\((\w+)\)' of input parameter \(([^)]*)\) of operator \((\w+)\))",
     "{3} takes no {1}, which '{2}' is: the file was edited, or converted to another precision",
     "tv2onnx doctor MODEL.onnx; then export again",
     "https://github.com/microsoft/onnxruntime/issues/17606"},
    {Detail::kExact, kNoFault, "CUDA out of memory", "", "the GPU has no memory left",
     "smaller images or batches, or the CPU",
     "https://docs.pytorch.org/docs/stable/notes/cuda.html"},
    {Detail::kExact, kNoFault, "no kernel image is available for execution on the device", "",
     "this build of torch or ONNX Runtime was not compiled for a GPU of this generation",
     "a build for the GPU's compute capability; meanwhile the CPU",
     "https://docs.pytorch.org/docs/stable/notes/cuda.html"},
});

constexpr auto kWeb = std::to_array<LogPattern>({
    {Detail::kExact, kNoFault, "expected magic word 00 61 73 6d, found 3c", "",
     "the server answered with a web page where the .wasm file should be", kServeFiles,
     "https://github.com/microsoft/onnxruntime/issues/19831"},
    {Detail::kExact, kNoFault, "both async and sync fetching of the wasm failed", "",
     "the .wasm file is not where onnxruntime-web looks for it", kServeFiles,
     "https://github.com/microsoft/onnxruntime/issues/18316"},
    {Detail::kExact, kNoFault, "function import requires a callable", "",
     "the .wasm file is of another release than the JavaScript", kServeFiles,
     "https://github.com/microsoft/onnxruntime/issues/21318"},
    {Detail::kExact, kNoFault, "[wasm] backend not found", "",
     "onnxruntime-node has no wasm: its provider is called cpu", "executionProviders: ['cpu']",
     "https://github.com/microsoft/onnxruntime/issues/21813"},
    {Detail::kKind, kNoFault, "no available backend found",
     R"(no available backend found\. ERR: ([^\n]{1,80}))",
     "onnxruntime-web could not start any backend: {1}", kServeFiles, kDeploy},
    {Detail::kExact, "D13", "Provider type for ",
     R"(Provider type for (\w+) node(?: with name)? ?'?([^' ]*)'? is not set)",
     "WebGPU has no {1} for this element type, as a Cast to double precision",
     "executionProviders: ['wasm']; tv2onnx doctor MODEL.onnx --target ort-web-webgpu lists all",
     "https://github.com/microsoft/onnxruntime/blob/main/js/web/docs/webgpu-operators.md"},
    {Detail::kKind, "D15", "because protobuf parsing failed", "",
     "what was fetched is not the whole model: a web page of the development server, or cut short",
     "fetch the address in the browser and compare the size with the file's",
     "https://github.com/microsoft/onnxruntime/issues/13117"},
});

}  // namespace

LogTable onnx_runtime_setup_patterns() {
  return {"ONNX Runtime", kSetup};
}

LogTable onnx_runtime_web_patterns() {
  return {"onnxruntime-web", kWeb};
}

}  // namespace tv2onnx::doctor
