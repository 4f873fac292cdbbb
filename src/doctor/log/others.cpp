// OpenVINO, OpenCV's dnn module and Triton.

#include <array>

#include "doctor/log/patterns.h"

namespace tv2onnx::doctor {
namespace {

constexpr std::string_view kOpenVinoOperatorsPage =
    "https://github.com/openvinotoolkit/openvino/blob/master/src/frontends/onnx/docs/"
    "supported_ops.md";
constexpr std::string_view kOpenCv =
    "OpenCV's dnn module runs backbones, not the post-processing of detectors: use ONNX Runtime, "
    "which takes the same cv::Mat pixels; tv2onnx doctor MODEL.onnx --target opencv lists all";

constexpr auto kOpenVinoErrors = std::to_array<LogPattern>({
    {Detail::kExact, "D03", "Can't set the input tensor",
     R"(model input \(shape=(\[[^\]]*\])\) and the tensor \(shape=(\([^)]*\))\) are incompatible)",
     "the file is fixed to {1} and got {2}",
     "tv2onnx doctor MODEL.onnx --fix FIXED.onnx, or model.reshape([-1, 3, -1, -1])",
     "https://docs.openvino.ai/2024/openvino-workflow/running-inference/dynamic-shapes.html"},
    {Detail::kExact, "D13", "does not support the following ONNX operations",
     R"(following ONNX operations: ([\w., :]+))", "OpenVINO does not have {1}",
     "a newer OpenVINO, or tv2onnx export; tv2onnx doctor MODEL.onnx --target openvino lists all",
     kOpenVinoOperatorsPage},
    {Detail::kExact, "D13", "Layer Type ROIAlign", "",
     "an old OpenVINO that has no RoiAlign on this device", "a newer OpenVINO (from 2022 on)",
     "https://github.com/openvinotoolkit/openvino/issues/7669"},
    {Detail::kExact, "D10", "sampling_ratio",
     R"(([Rr][Oo][Ii]_?[Aa]lign)[\s\S]{0,200}sampling_ratio)",
     "OpenVINO reads a RoiAlign without sampling_ratio as 1, ONNX as adaptive: other boxes",
     remedy::kFix, "https://github.com/openvinotoolkit/openvino/issues/37826"},
    {Detail::kKind, "D13", "was called on a descriptor::Tensor with dynamic shape", "",
     "an OpenVINO before 2022, which has no data-dependent sizes", "a newer OpenVINO",
     "https://github.com/openvinotoolkit/openvino/issues/1386"},
    {Detail::kExact, "D13", "There is no registered \"infer\" function",
     R"re(for node "([^"]*)" with op = "(\w+)")re",
     "this Model Optimizer is older than {2}: it cannot tell the shape behind {1}",
     "a newer OpenVINO (from 2023 on it reads ONNX files as they are)",
     "https://github.com/openvinotoolkit/mmdetection/issues/35"},
    {Detail::kExact, "D13", "is not fully defined for output",
     R"re(Shape \[ *([^\]]*)\] is not fully defined for output \d+ of "([^"]*)")re",
     "an OpenVINO before 2022, which must know every size: that of {2} is [{1}]",
     "a newer OpenVINO (from 2023 on it reads ONNX files as they are)",
     "https://github.com/PaddlePaddle/Paddle2ONNX/issues/388"},
    {Detail::kGeneric, "D13", "Cannot infer shapes or values for node",
     R"re(shapes or values for node "([^"]*)")re",
     "OpenVINO's Model Optimizer stops at {1}: its shape depends on the image",
     "a newer OpenVINO (from 2023 on it reads ONNX files as they are)",
     "https://github.com/geaxgx/depthai_hand_tracker/issues/8"},
    {Detail::kExact, "D11", "Numbers of inputs and mean/scale values do not match", "",
     "--mean_values and --scale_values do not fit the inputs, and torchvision's detectors "
     "normalise "
     "inside: they need none",
     "leave both out, and feed RGB 0..1; tv2onnx doctor MODEL.onnx says what the file takes (D11)",
     "https://github.com/openvinotoolkit/openvino/issues/9065"},
    {Detail::kKind, "D02", "output dimensions do not evenly divide", "",
     "a reshape with -1 of an empty or other tensor", remedy::kFix, kOpenVinoOperatorsPage},
});

constexpr auto kOpenCvDnn = std::to_array<LogPattern>({
    {Detail::kExact, "D13", "Can't create layer",
     R"(Can't create layer \\?"([^"\\]*)\\?" of type \\?"(\w+)\\?")",
     "OpenCV's dnn module has no {2}", kOpenCv, "https://github.com/opencv/opencv/issues/23298"},
    {Detail::kKind, "D13", "computeShapeByReshapeMask", "",
     "a Reshape whose shape is computed from the image: OpenCV 4 needs fixed shapes", kOpenCv,
     "https://github.com/opencv/opencv/issues/15576"},
    {Detail::kKind, "D13", "getLayerShapes", "",
     "OpenCV 4 must know all shapes beforehand; those of a detector depend on the image", kOpenCv,
     "https://github.com/opencv/opencv/issues/26141"},
    {Detail::kExact, "D13", "Input node with name", R"(Input node with name (\S+) not found)",
     "OpenCV's importer does not find {1}, which a branch of an If or a Loop makes", kOpenCv,
     "https://github.com/opencv/opencv/issues/21634"},
    {Detail::kKind, "D13", "start <= (int)shape.size() && end <= (int)shape.size()", "",
     "a shape that OpenCV cannot compute beforehand: dynamic sizes or post-processing", kOpenCv,
     "https://github.com/opencv/opencv/issues/20681"},
    {Detail::kGeneric, "D13", "getMemoryShapes", "",
     "OpenCV must know all shapes beforehand; those of a detector depend on the image", kOpenCv,
     "https://github.com/opencv/opencv/issues/22549"},
    {Detail::kKind, "D13", "blob.type() == 5", "",
     "a constant that is not float32: indices of the post-processing", kOpenCv,
     "https://github.com/opencv/opencv/issues/16718"},
    {Detail::kKind, "D13", "attribute_proto.ints_size()", "",
     "an OpenCV older than the file: its importer knows two-dimensional kernels only",
     "a newer OpenCV", "https://github.com/opencv/opencv/issues/18853"},
    {Detail::kKind, "D13", "Inconsistent shape for ConcatLayer", "",
     "an input with dynamic size, which OpenCV 4 takes for size 0 or 1", kOpenCv,
     "https://github.com/opencv/opencv/issues/26141"},
    {Detail::kKind, "D13", "getMatFromTensor", "",
     "a constant of a type that cv::Mat does not have (int64, bool, uint8 in older releases)",
     kOpenCv,
     "https://github.com/opencv/opencv/blob/4.x/modules/dnn/src/onnx/"
     "onnx_graph_simplifier.cpp"},
    {Detail::kExact, "D13", "numSplits > 1", "",
     "a Split into one part, as a trace takes the images of a batch of one apart; OpenCV wants two "
     "or more",
     kOpenCv, "https://github.com/opencv/opencv/issues/23663"},
    {Detail::kKind, "D13", "(bool)layer in function", "",
     "an operator on constants, which OpenCV computes while it loads and has no layer for", kOpenCv,
     "https://github.com/opencv/opencv/issues/22823"},
    {Detail::kExact, kNoFault, "Failed to parse onnx model", "",
     "the file is not there, was cut off, or is no ONNX file",
     "tv2onnx doctor MODEL.onnx says which", "https://github.com/opencv/opencv/issues/12869"},
    {Detail::kKind, kNoFault, "Build OpenCV with Protobuf", "",
     "this OpenCV was built without the ONNX importer", "another build of OpenCV",
     "https://github.com/opencv/opencv/blob/4.x/modules/dnn/src/onnx/onnx_importer.cpp"},
    {Detail::kGeneric, "D13", "parse error",
     R"(Node \[(\w+)(?:@[\w.]+)?\]:\(([^)]*)\) parse error)",
     "OpenCV's dnn module stops at the {1} '{2}'", kOpenCv,
     "https://github.com/opencv/opencv/issues/22099"},
});

constexpr auto kTriton = std::to_array<LogPattern>({
    {Detail::kExact, "D04", "the model expects",
     R"(tensor '([^']*)': the model expects (\d+) dimensions \(shape (\[[^\]]*\])\))",
     "'{1}' has the shape {3}, without a batch dimension in front, and Triton's max_batch_size "
     "needs one",
     "max_batch_size: 0, or an export with a batch dimension: tv2onnx doctor MODEL.onnx --rebuild "
     "NEW.onnx",
     "https://github.com/triton-inference-server/server/issues/8107"},
    {Detail::kExact, "D03", "unexpected shape for input",
     R"(for input '([^']*)'[\s\S]{0,60}Expected (\[[^\]]*\]), got (\[[^\]]*\]))",
     "the file or its config.pbtxt fixes '{1}' to {2}; it got {3}",
     "dims: [3, -1, -1] in config.pbtxt; for the file itself tv2onnx doctor MODEL.onnx --fix "
     "FIXED.onnx",
     "https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/"
     "model_configuration.html"},
});

}  // namespace

LogTable openvino_patterns() {
  return {"OpenVINO", kOpenVinoErrors};
}

LogTable opencv_patterns() {
  return {"OpenCV dnn", kOpenCvDnn};
}

LogTable triton_patterns() {
  return {"Triton", kTriton};
}

}  // namespace tv2onnx::doctor
