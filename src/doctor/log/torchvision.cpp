// torchvision: building and calling its detectors, in Python and as TorchScript.

#include <array>

#include "doctor/log/patterns.h"

namespace tv2onnx::doctor {
namespace {

constexpr std::string_view kNoTorch =
    "install the torchvision that belongs to this torch; tv2onnx export MODEL.pth -o NEW.onnx "
    "needs neither";
constexpr std::string_view kAnchors =
    "https://github.com/pytorch/vision/blob/main/torchvision/models/detection/anchor_utils.py";
constexpr std::string_view kTransform =
    "https://github.com/pytorch/vision/blob/main/torchvision/models/detection/transform.py";
constexpr std::string_view kFasterRcnn =
    "https://github.com/pytorch/vision/blob/main/torchvision/models/detection/faster_rcnn.py";
constexpr std::string_view kGeneralized =
    "https://github.com/pytorch/vision/blob/main/torchvision/models/detection/generalized_rcnn.py";
constexpr std::string_view kUtils =
    "https://github.com/pytorch/vision/blob/main/torchvision/models/_utils.py";

constexpr auto kTorchvision = std::to_array<LogPattern>({
    {Detail::kExact, kNoFault, "Couldn't load custom C++ ops", "",
     "torch and torchvision do not belong together: torchvision's compiled operators (nms, "
     "roi_align) were built for another torch",
     kNoTorch, "https://github.com/pytorch/vision/issues/7585"},
    {Detail::kExact, kNoFault, "operator torchvision::", R"(operator torchvision::(\w+))",
     "torchvision's compiled operators are not loaded: its build does not belong to this torch "
     "(CPU "
     "beside CUDA, another release)",
     kNoTorch, "https://github.com/pytorch/vision/issues/1489"},
    {Detail::kExact, kNoFault, "Anchors should be", "",
     "the numbers of anchor sizes, of aspect ratios and of feature maps differ: each map needs one "
     "tuple of each",
     "AnchorGenerator(sizes=((32,), ...), aspect_ratios=((0.5, 1.0, 2.0),) * N) with as many "
     "tuples "
     "as the backbone returns maps",
     kAnchors},
    {Detail::kExact, kNoFault, "images is expected to be a list of 3d tensors",
     R"(shape \[C, H, W\], got torch\.Size\(\[([^\]]*)\]\))",
     "an image of shape [{1}]: detectors take a list of [channels, height, width], without batch "
     "dimension",
     "model([image]) or model(list(batch)); files of tv2onnx export take a batch", kTransform},
    {Detail::kExact, kNoFault, "backbone should contain an attribute out_channels", "",
     "a backbone of one's own does not say how many channels it returns",
     "backbone.out_channels = 256 (or as many as it has), before FasterRCNN(backbone, ...)",
     kFasterRcnn},
    {Detail::kExact, kNoFault, "num_classes should be None when box_predictor is specified", "",
     "the number of classes was given twice: as num_classes and by box_predictor",
     "leave out num_classes", kFasterRcnn},
    {Detail::kExact, kNoFault, "All bounding boxes should have positive height and width",
     R"(Found invalid box (\[[^\]]*\]))", "a box of the training data has no area: {1}",
     "remove it from the annotations", kGeneralized},
    {Detail::kExact, kNoFault, "Expected target boxes to be a tensor of shape [N, 4]",
     R"(got (?:torch\.Size\()?(\[[^\]]*\]))",
     "boxes of the training data have the shape {1}; an image without objects needs [0, 4]",
     "torch.zeros((0, 4)) for images without objects", kGeneralized},
    {Detail::kHarmless, kNoFault, "The parameter 'pretrained' is deprecated", "",
     "weights=... replaces pretrained=... since torchvision 0.13", "nothing", kUtils},
    {Detail::kHarmless, kNoFault, "Arguments other than a weight enum or `None` for 'weights'", "",
     "pretrained=True and the like mean COCO_V1, whose batch normalisation has eps 0",
     "nothing; of a state dict that was trained from there say so: tv2onnx export MODEL.pth -o "
     "NEW.onnx --weights COCO_V1",
     kUtils},
});

constexpr auto kTorchScript = std::to_array<LogPattern>({
    {Detail::kExact, kNoFault,
     "nknown builtin op: torchvision::", R"(nknown builtin op: torchvision::(\w+))",
     "a scripted detector calls torchvision::{1}, and the program that loads it is not linked with "
     "torchvision's C++ library",
     "link libtorchvision and include <torchvision/vision.h>; or run the ONNX file of tv2onnx "
     "export MODEL.pth -o NEW.onnx in ONNX Runtime",
     "https://github.com/pytorch/vision/issues/2915"},
    {Detail::kExact, kNoFault, "ops cannot be found",
     R"(ops cannot be found[^{\[]*[{\[]((?:\w+::\w+(?:, )?)+))",
     "the mobile runtime has no {1}: torchvision's operators are a library of their own",
     "add the torchvision ops library (org.pytorch:torchvision_ops, LibTorchvision); or run the "
     "ONNX file of tv2onnx export MODEL.pth -o NEW.onnx in ONNX Runtime Mobile",
     "https://github.com/pytorch/android-demo-app/issues/178"},
    {Detail::kExact, kNoFault, "Unknown type name 'NoneType'", "",
     "libtorch is older than the torch that scripted the model: it does not know attributes that "
     "are None (torchvision's fixed_size)",
     "a libtorch of the same release; or tv2onnx export MODEL.pth -o NEW.onnx from the checkpoint",
     "https://github.com/pytorch/vision/issues/4366"},
    {Detail::kExact, kNoFault, "Lite Interpreter ver",
     R"(between (\d+) and (\d+) ?[Bb]ut the model version is (\d+))",
     "the app's PyTorch Mobile reads versions {1} to {2}, and the model was saved as version {3} "
     "by "
     "a newer torch",
     "a newer org.pytorch:pytorch_android_lite, or "
     "torch.jit.mobile._backport_for_mobile(..., to_version={2})",
     "https://github.com/pytorch/android-demo-app/issues/202"},
    {Detail::kExact, kNoFault, "Expected a value of type 'List[Tensor]' for argument 'images'", "",
     "a detector takes a list of images, and got one tensor",
     "model([image]), in C++ c10::List<at::Tensor>; files of tv2onnx export take a batch",
     "https://github.com/pytorch/serve/issues/932"},
    {Detail::kExact, kNoFault, "Expected Tensor but got Tuple", "",
     "a scripted detector returns (losses, detections), not a tensor",
     "output.toTuple()->elements()[1].toList()", kGeneralized},
    {Detail::kHarmless, kNoFault, "always returns a (Losses, Detections) tuple in scripting", "",
     "a scripted detector returns (losses, detections); the second is what it found", "nothing",
     kGeneralized},
    {Detail::kExact, kNoFault, "Only tuples, lists and Variables",
     R"(supported as JIT inputs[\s\S]{0,160}(?:but got |unsupported type: )(\w+))",
     "the model returns {1}, a class of its own, which cannot be traced: not a detector of "
     "torchvision",
     "wrap it in a module whose forward() returns tensors; of torchvision's own detectors tv2onnx "
     "export MODEL.pth -o NEW.onnx needs no tracing",
     "https://github.com/pytorch/pytorch/blob/main/torch/csrc/jit/python/pybind_utils.h"},
    {Detail::kKind, kNoFault, "Encountering a dict at the output of the tracer", "",
     "torch.jit.trace does not take the dicts that detectors return",
     "torch.jit.script, or wrap it in a module that returns tensors; for ONNX tv2onnx export "
     "MODEL.pth -o NEW.onnx",
     "https://docs.pytorch.org/docs/stable/generated/torch.jit.trace.html"},
});

}  // namespace

LogTable torchvision_patterns() {
  return {"torchvision", kTorchvision};
}

LogTable torchscript_patterns() {
  return {"TorchScript", kTorchScript};
}

}  // namespace tv2onnx::doctor
