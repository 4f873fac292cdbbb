// Programs that turn ONNX or PyTorch into formats of their own: ncnn, Core ML, TVM, MLIR,
// TensorFlow, chips.

#include <array>

#include "doctor/log/patterns.h"

namespace tv2onnx::doctor {
namespace {

constexpr std::string_view kRawHeads =
    "of one-stage models tv2onnx export MODEL.pth -o NEW.onnx --outputs raw has convolutions only, "
    "and boxes are selected outside; two-stage models need ONNX Runtime or OpenVINO";

constexpr auto kNcnn = std::to_array<LogPattern>({
    {Detail::kExact, "D13", " not supported yet!", R"((\w+) not supported yet!)",
     "onnx2ncnn has no {1}: shapes that are computed from the image, or post-processing",
     "pnnx instead of onnx2ncnn, with a fixed size and from raw outputs: tv2onnx export MODEL.pth "
     "-o NEW.onnx --outputs raw (one-stage models)",
     "https://github.com/Tencent/ncnn/issues/1254"},
    {Detail::kExact, "D13", "not exists or registered", R"(layer (\w+) not exists or registered)",
     "ncnn has no layer {1}: onnx2ncnn had already complained about it",
     "convert again with pnnx, from raw outputs: tv2onnx export MODEL.pth -o NEW.onnx --outputs "
     "raw "
     "(one-stage models)",
     "https://github.com/Tencent/ncnn/issues/833"},
    {Detail::kExact, "D13", "Unsupported unsqueeze axes !", "",
     "onnx2ncnn meets computed shapes, which ncnn does not have",
     "pnnx instead of onnx2ncnn, with a fixed size and from raw outputs: tv2onnx export MODEL.pth "
     "-o NEW.onnx --outputs raw (one-stage models)",
     "https://github.com/Tencent/ncnn/issues/2026"},
});

constexpr auto kCoreMl = std::to_array<LogPattern>({
    {Detail::kExact, "D13", "PyTorch convert function for op",
     R"(convert function for op '([\w:]+)' not implemented)",
     "Core ML's converter does not know {1}", kRawHeads,
     "https://github.com/apple/coremltools/issues/1793"},
    {Detail::kExact, "D13", "Unsupported ONNX ops of type",
     R"(Unsupported ONNX ops of type: ?([\w, ]+\w))", "onnx-coreml has no {1}", kRawHeads,
     "https://github.com/onnx/onnx-coreml/issues/508"},
    {Detail::kExact, kNoFault, "the only valid use of a module is looking up an attribute", "",
     "Core ML's converter cannot read a scripted detector (it sets an attribute while it runs)",
     kRawHeads, "https://github.com/apple/coremltools/issues/802"},
});

constexpr auto kCompilers = std::to_array<LogPattern>({
    {Detail::kExact, "D13", "are not supported for frontend ONNX",
     R"(not supported for frontend ONNX: ?([\w, ]*\w))", "TVM has no {1}", kRawHeads,
     "https://github.com/apache/tvm/issues/17767"},
    {Detail::kExact, "D13", "failed to legalize operation",
     R"(legalize operation '(?:torch\.operator|onnx\.(\w+))'(?:[^:\n]*: ?onnx\.(\w+))?)",
     "the compiler (torch-mlir, IREE) has no lowering of onnx.{2}{1}", kRawHeads,
     "https://github.com/nod-ai/AMD-SHARK-ModelDev/issues/819"},
    {Detail::kExact, "D13", "Failed to legalize operation",
     R"(Failed to legalize operation [`']onnx\.(\w+))", "the compiler has no lowering of {1}",
     kRawHeads, "https://github.com/nod-ai/AMD-SHARK-ModelDev/issues/819"},
    {Detail::kExact, "D13", "Don't know how to translate op", R"(know how to translate op (\w+))",
     "Caffe2's importer has no {1}; it is no longer developed", "ONNX Runtime runs the same file",
     "https://github.com/pytorch/pytorch/issues/24149"},
    {Detail::kExact, "D13", "Not supported ONNX opcode", R"(ONNX opcode: (\w+))",
     "nncase has no {1}", kRawHeads, "https://github.com/kendryte/nncase/issues/910"},
    {Detail::kExact, "D13", "output shape fail", R"(Calc node (\w+) ?: ?(\S+) output shape fail)",
     "RKNN cannot tell the shape of {1}: as many boxes as are found", kRawHeads,
     "https://github.com/rockchip-linux/rknn-toolkit/issues/155"},
    {Detail::kExact, "D13", "is not supported in Tensorflow",
     R"(Resize coordinate_transformation_mode=(\w+)(?: and\s+mode=(\w+))?)",
     "onnx-tensorflow has no Resize with {1}", kRawHeads,
     "https://github.com/onnx/onnx-tensorflow/issues/632"},
    {Detail::kExact, "D13", "mode unsupported",
     R"((pytorch_half_pixel|half_pixel) mode unsupported)",
     "onnx-tensorflow has no Resize with {1}", kRawHeads,
     "https://github.com/onnx/onnx-tensorflow/issues/632"},
});

}  // namespace

LogTable ncnn_patterns() {
  return {"ncnn", kNcnn};
}

LogTable coreml_patterns() {
  return {"Core ML", kCoreMl};
}

LogTable compiler_patterns() {
  return {"converter", kCompilers};
}

}  // namespace tv2onnx::doctor
