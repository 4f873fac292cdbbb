// torch.onnx.export.

#include <array>

#include "doctor/log/patterns.h"

namespace tv2onnx::doctor {
namespace {

constexpr std::string_view kTracing = "https://docs.pytorch.org/docs/2.5/onnx_torchscript.html";
constexpr std::string_view kNotTraced =
    "tv2onnx export MODEL.pth -o NEW.onnx builds the graph from the checkpoint; nothing is traced";

constexpr std::string_view kOnCpu =
    "model.cpu() and images on the CPU before the export; tv2onnx export MODEL.pth -o NEW.onnx "
    "needs "
    "no GPU";

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
    {Detail::kExact, kNoFault, "_new_empty_tensor_op", "",
     "nothing was found in the dummy image, and this pair of torch and torchvision cannot write "
     "the empty result",
     kNotTraced, "https://github.com/pytorch/vision/issues/1740"},
    {Detail::kExact, kNoFault, "_NewEmptyTensorOp", "",
     "nothing was found in the dummy image, and this torchvision cannot write the empty result",
     kNotTraced, "https://github.com/pytorch/vision/issues/1910"},
    {Detail::kExact, kNoFault, "_native_multi_head_attention' to ONNX", "",
     "torch took the fast path of attention, which has no ONNX form",
     "export with gradients on (outside torch.no_grad()), or "
     "torch.backends.mha.set_fastpath_enabled(False)",
     "https://docs.pytorch.org/docs/stable/backends.html"},
    {Detail::kExact, kNoFault, "ONNX export of Pad in opset", "",
     "Pad with a computed size does not exist before opset 11", "opset_version=11 or higher",
     "https://github.com/onnx/onnx-tensorflow/issues/988"},
    {Detail::kKind, kNoFault, "adaptive_avg_pool2d",
     R"(adaptive_avg_pool2d[\s\S]{0,60}(input size not accessible|output size is not factor of input size))",
     "an adaptive pooling cannot be written for any size of image ({1})",
     "export for one size (without dynamic_axes for height and width)", kTracing},
    {Detail::kExact, kNoFault, "torch._dynamo.exc.Unsupported", "",
     "torch.export cannot follow the Python of torchvision's detectors", kNotTraced,
     "https://github.com/pytorch/pytorch/issues/118884"},
    {Detail::kExact, kNoFault, "got an unexpected keyword argument",
     R"(export\(\) got an unexpected keyword argument '(use_external_data_format|enable_onnx_checker|example_outputs|_retain_param_name|strip_doc_string|dynamo|dynamic_shapes|external_data)')",
     "torch.onnx.export of this torch has no {1}: the script was written for another release",
     "leave it out; tv2onnx export MODEL.pth -o NEW.onnx needs no torch",
     "https://docs.pytorch.org/docs/stable/onnx.html"},
    {Detail::kExact, kNoFault, "register_custom_op_symbolic'", "",
     "a torch before 1.2, which cannot register operators", "a newer torch",
     "https://github.com/facebookresearch/maskrcnn-benchmark/issues/922"},
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
    {Detail::kKind, kNoFault, "expected device cuda", "",
     "the trace has constants on the CPU, and the model is on the GPU", kOnCpu,
     "https://github.com/pytorch/vision/issues/1706"},
    {Detail::kKind, kNoFault, "xpected all tensors to be on the same device", "",
     "model and image are on different devices", kOnCpu,
     "https://github.com/pytorch/vision/issues/1706"},
    {Detail::kHarmless, kNoFault, "operator of advanced indexing in opset", "",
     "an index is written as several operators", "nothing", kTracing},
    {Detail::kHarmless, kNoFault, "Only steps=1 can be constant folded", "",
     "a constant stays a computation", "nothing", kTracing},
    {Detail::kExact, kNoFault, "No module named 'onnxscript'", "",
     "the new exporter (default since torch 2.9) needs another package",
     "pip install onnxscript, or dynamo=False", "https://docs.pytorch.org/docs/stable/onnx.html"},
});

}  // namespace

LogTable torch_patterns() {
  return {"torch.onnx", kTorch};
}

}  // namespace tv2onnx::doctor
