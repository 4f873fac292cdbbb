// PyTorch: a checkpoint that torch.load or load_state_dict refuses.

#include <array>
#include <charconv>

#include "doctor/log/patterns.h"

namespace tv2onnx::doctor {
namespace {

constexpr std::string_view kExportsIt =
    "tv2onnx export MODEL.pth -o NEW.onnx takes it as it is; nothing in it is run";
constexpr std::string_view kInspect =
    "tv2onnx inspect MODEL.pth says what it is of; tv2onnx export MODEL.pth -o NEW.onnx needs no "
    "model in Python";
constexpr std::string_view kFetch =
    "fetch it again and compare the size; tv2onnx inspect MODEL.pth says what is in it and at "
    "which byte it ends";
constexpr std::string_view kFinetuning =
    "https://docs.pytorch.org/tutorials/intermediate/torchvision_tutorial.html";
constexpr std::string_view kLoadState =
    "https://github.com/pytorch/pytorch/blob/main/torch/nn/modules/module.py";
constexpr std::string_view kSerialization =
    "https://github.com/pytorch/pytorch/blob/main/torch/serialization.py";
constexpr std::string_view kSaving =
    "https://docs.pytorch.org/tutorials/beginner/saving_loading_models.html";
constexpr std::string_view kLoadKey = "https://github.com/pytorch/pytorch/issues/59132";

/// Outputs of a box layer, four for each class.
std::optional<Groups> four_per_class(Groups groups) {
  for (std::size_t k = 1; k <= 2; ++k) {
    long outputs = 0;
    std::from_chars(groups[k].data(), groups[k].data() + groups[k].size(), outputs);
    if (outputs % 4 != 0) return std::nullopt;
    groups[k] = std::to_string(outputs / 4);
  }
  return groups;
}

constexpr std::string_view kClasses =
    "the checkpoint has {1} classes with background, the model was built with num_classes={2}";
constexpr std::string_view kBuildWith =
    "num_classes={1}; tv2onnx export MODEL.pth -o NEW.onnx reads the number from the file";
constexpr std::string_view kSizesDiffer =
    R"(copying a param with shape torch\.Size\(\[(\d+)[^\]]*\]\) from checkpoint, the shape in current model is torch\.Size\(\[(\d+))";

constexpr auto kCheckpointPatterns = std::to_array<LogPattern>({
    // ---- load_state_dict
    {Detail::kExact, kNoFault, "box_predictor.cls_score.", kSizesDiffer, kClasses, kBuildWith,
     kFinetuning},
    {Detail::kExact, kNoFault, "box_predictor.bbox_pred.", kSizesDiffer, kClasses, kBuildWith,
     kFinetuning, four_per_class},
    {Detail::kExact, kNoFault, "mask_predictor.mask_fcn_logits.", kSizesDiffer, kClasses,
     kBuildWith, kFinetuning},
    {Detail::kExact, kNoFault, "size mismatch for head.classification_head.", kSizesDiffer,
     "anchors x classes is {1} in the checkpoint and {2} in the model: another num_classes or "
     "other anchors",
     kInspect, kFinetuning},
    {Detail::kKind, kNoFault, "size mismatch for ",
     R"(size mismatch for (\S+): copying a param with shape torch\.Size\(\[([^\]]*)\]\) from checkpoint, the shape in current model is torch\.Size\(\[([^\]]*)\]\))",
     "{1} is [{2}] in the checkpoint and [{3}] in the model: another size of backbone, number of "
     "classes or of channels",
     kInspect, kLoadState},
    {Detail::kExact, kNoFault, "Missing key(s) in state_dict",
     R"(Missing key\(s\) in state_dict: "backbone\.body\.conv1\.weight")",
     "the model was built with a ResNet, and the checkpoint is of another backbone", kInspect,
     "https://github.com/alankbi/detecto/issues/50"},
    {Detail::kExact, kNoFault, "Missing key(s) in state_dict",
     R"(Missing key\(s\) in state_dict: "backbone\.(?:body\.|features\.)?0\.0\.weight")",
     "the model was built with a MobileNet, and the checkpoint is of another backbone", kInspect,
     "https://github.com/alankbi/detecto/issues/50"},
    {Detail::kExact, kNoFault, "key(s) in state_dict",
     R"((Missing|Unexpected) key\(s\) in state_dict: "module\.)",
     "'module.' before every key: saved from, or loaded into, a model wrapped by DataParallel",
     "save model.module.state_dict(); tv2onnx export MODEL.pth -o NEW.onnx takes the prefix off",
     "https://docs.pytorch.org/docs/stable/generated/torch.nn.DataParallel.html"},
    {Detail::kExact, kNoFault, "Unexpected key(s) in state_dict",
     R"(Unexpected key\(s\) in state_dict: "_orig_mod\.)",
     "'_orig_mod.' before every key: saved from a model that torch.compile had wrapped",
     "save model._orig_mod.state_dict(); tv2onnx export MODEL.pth -o NEW.onnx takes the prefix off",
     "https://docs.pytorch.org/docs/stable/generated/torch.compile.html"},
    {Detail::kExact, kNoFault, "Unexpected key(s) in state_dict",
     R"re(Unexpected key\(s\) in state_dict: "(model|detector|net)\.)re",
     "'{1}.' before every key: saved from a class that holds the detector, as Lightning does",
     kExportsIt, kLoadState},
    {Detail::kExact, kNoFault, "Unexpected key(s) in state_dict",
     R"(Unexpected key\(s\) in state_dict: "[\w.]*num_batches_tracked")",
     "the checkpoint has BatchNorm2d where the model has FrozenBatchNorm2d: built without "
     "pretrained weights there, with them here",
     "weights_backbone=None and norm_layer=torch.nn.BatchNorm2d; tv2onnx export MODEL.pth -o "
     "NEW.onnx takes both",
     "https://github.com/pytorch/vision/blob/main/torchvision/ops/misc.py"},
    {Detail::kExact, kNoFault, "key(s) in state_dict",
     R"(key\(s\) in state_dict: "backbone\.fpn\.(?:inner|layer)_blocks\.\d)",
     "the pyramid's keys were renamed in torchvision 0.13 (inner_blocks.0.weight became "
     "inner_blocks.0.0.weight), or it has another number of levels",
     kInspect,
     "https://github.com/pytorch/vision/blob/main/torchvision/ops/feature_pyramid_network.py"},
    {Detail::kGeneric, kNoFault, "loading state_dict for",
     R"(rror\(s\) in loading state_dict for (\w+))",
     "the checkpoint was saved from another class, or with other arguments, than {1}", kInspect,
     kLoadState},
    // ---- torch.load
    {Detail::kExact, kNoFault, "Can't get attribute",
     R"(Can't get attribute '(\w+)' on <module '([^']+)')",
     "the file is a whole module, and its class {1} is not defined in {2} here",
     "tv2onnx inspect MODEL.pth lists such classes; import or define {1} before torch.load, and "
     "save model.state_dict()",
     kSaving},
    {Detail::kExact, kNoFault, "Weights only load failed", R"(GLOBAL (\S+) was not an allowed)",
     "the file is a whole module ({1}), which torch 2.6 and newer refuses to load unless told to "
     "run its code",
     kExportsIt, kSerialization},
    {Detail::kKind, kNoFault, "Weights only load failed", "",
     "the file holds Python objects, which torch 2.6 and newer refuses to load unless told to run "
     "their code",
     kExportsIt, kSerialization},
    {Detail::kExact, kNoFault, "OrderedDict' object",
     R"('(?:collections\.)?OrderedDict' object (?:has no attribute '(\w+)'|is not callable))",
     "the file is a state dict, and a module was expected",
     "tv2onnx export MODEL.pth -o NEW.onnx takes it; in Python: model.load_state_dict(...)",
     kSaving},
    {Detail::kExact, kNoFault, "'dict' object has no attribute",
     R"('dict' object has no attribute '(eval|to|cuda|train|parameters|forward)')",
     "the file is a dict of a training run, and a module was expected: the weights are under one "
     "of its keys",
     "tv2onnx export MODEL.pth -o NEW.onnx finds them; tv2onnx inspect MODEL.pth shows the keys",
     kSaving},
    {Detail::kExact, kNoFault, "object has no attribute 'copy'",
     R"('(?:function|method)' object has no attribute 'copy')",
     "the file holds model.state_dict, the function, instead of model.state_dict(), its result",
     "save model.state_dict() again; where the file has the module inside, tv2onnx export "
     "MODEL.pth -o NEW.onnx uses it",
     "https://github.com/alankbi/detecto/issues/72"},
    {Detail::kExact, kNoFault, "KeyError: '",
     R"(KeyError: '(model_state_dict|state_dict|model|net|ema|weights)')",
     "the file has its weights under another key than '{1}', or at the top", kInspect, kSaving},
    {Detail::kExact, kNoFault, "invalid load key, 'v'", "",
     "the file is a git-lfs pointer ('version https://git-lfs...'), not the weights",
     "git lfs pull, or download the file itself", kLoadKey},
    {Detail::kExact, kNoFault, "invalid load key, '<'", "",
     "the file is a web page: the download answered with an error or a login", kFetch,
     "https://github.com/airctic/icevision/issues/1104"},
    {Detail::kExact, kNoFault, "invalid load key, '{'", "",
     "the file is JSON: an error message of the download, or an index of weights", kFetch,
     "https://github.com/LAION-AI/LAION-5B-WatermarkDetection/issues/5"},
    {Detail::kKind, kNoFault, "invalid load key", R"(invalid load key, '([^']*)')",
     "the file begins with '{1}', which no torch.save writes: another format, or a damaged "
     "download",
     kFetch, kLoadKey},
    {Detail::kExact, kNoFault, "Ran out of input", "", "the file is empty", kFetch, kSerialization},
    {Detail::kExact, kNoFault, "unexpected EOF, expected",
     R"(unexpected EOF, expected (\d+) more bytes)", "{1} bytes are missing at the end of the file",
     kFetch, kSerialization},
    {Detail::kExact, kNoFault, "PytorchStreamReader failed", R"(failed finding central directory)",
     "a truncated download, or a file of another kind: a zip archive has its directory at the end",
     kFetch, kSerialization},
    {Detail::kExact, kNoFault, "constants.pkl",
     R"((?:failed locating file|file not found:) \S*constants\.pkl)",
     "torch.jit.load was given a file of torch.save: weights or a whole module, not TorchScript",
     kExportsIt, kSaving},
    {Detail::kExact, kNoFault, "data.pkl",
     R"((?:failed locating file|file not found:) \S*data\.pkl)",
     "a zip archive that torch.save has not written, or that was unpacked and packed again", kFetch,
     kSerialization},
    {Detail::kExact, kNoFault, "Invalid magic number; corrupt file?", "",
     "a pickle that torch.save has not written", kFetch, kSerialization},
    {Detail::kExact, kNoFault, "Attempting to deserialize object on", "",
     "the weights were saved on a GPU, which this machine does not have",
     "map_location='cpu'; tv2onnx export MODEL.pth -o NEW.onnx needs no GPU", kSerialization},
});

}  // namespace

LogTable torch_checkpoint_patterns() {
  return {"PyTorch", kCheckpointPatterns};
}

}  // namespace tv2onnx::doctor
