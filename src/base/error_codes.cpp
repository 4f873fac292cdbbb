// What the codes mean, in the order of kErrorCodeNames.

#include "tv2onnx/error_code.h"

#include <algorithm>
#include <array>

namespace tv2onnx {
namespace {

constexpr int kInformation = 0;
constexpr int kFinding = 1;
constexpr int kUsage = 2;
constexpr int kInput = 3;
constexpr int kEnvironment = 4;
constexpr int kInternal = 70;

constexpr auto kCodes = std::to_array<ErrorCodeRow>({
    {"C001", kInput, "the file cannot be read",
     "It does not exist, is a directory, or permission is missing. Check the path."},
    {"C002", kInput, "the file is empty or truncated",
     "The file ends before the data it announces: an interrupted download or copy. Compare its "
     "size with the original and copy it again."},
    {"C003", kInput, "not a checkpoint",
     "The file was not written by torch.save or safetensors. Git LFS pointers, HTML error pages "
     "and images are recognised by name."},
    {"C004", kInput, "the zip container is damaged or hostile",
     "Entries overlap, repeat, point outside the file or are compressed. torch.save never writes "
     "such a file. Save the checkpoint again with torch.save."},
    {"C005", kInput, "a TorchScript archive without weights",
     "torch.jit.save wrote this file, and the weights are part of its program, which is not read: "
     "torch.jit.freeze puts them there. Save the module before it is frozen, or its state_dict()."},
    {"C006", kInput, "the tar container is damaged or hostile",
     "Checkpoints of torch before 0.1.10 are tar archives; this one breaks their rules."},
    {"C007", kInput, "the safetensors header is damaged or hostile",
     "The header must be JSON with unique names and ranges that cover the data without overlap."},
    {"C008", kInput, "big-endian data",
     "The checkpoint was written on a big-endian machine. Load it there, or in Python, and save "
     "it again on a little-endian one."},
    {"C009", kInput, "unsupported element type",
     "A tensor has a type that detectors never use (complex, quantised, float8). Convert it in "
     "Python before saving."},
    {"C010", kInput, "no state dict in the checkpoint",
     "The file was read but holds no model weights, for example only an optimizer state. Save "
     "model.state_dict()."},
    {"C011", kInput, "a tensor does not fit its storage",
     "Shape, stride and offset reach outside the bytes of the storage. The file is damaged."},
    {"D01", kFinding, "the detector was traced with zero proposals",
     "The dummy image of the export had no proposals, so the trace lacks a step that separates the "
     "classes of a box: it crashes, or every box is wrong. tv2onnx doctor --fix repairs it."},
    {"D02", kFinding, "the detector crashes on an image without proposals",
     "A Reshape takes -1 together with a number of proposals that can be 0: a blank or dark image "
     "crashes. tv2onnx doctor --fix repairs it."},
    {"D03", kFinding, "the size of the dummy image is in the file",
     "It was exported without dynamic_axes: other image sizes are refused, or their boxes are "
     "shifted. tv2onnx doctor --fix computes the size from the image."},
    {"D04", kFinding, "the graph was unrolled for a number of images",
     "It takes one image, or exactly as many as it was traced with. tv2onnx doctor --rebuild "
     "exports it anew with a dynamic batch."},
    {"D05", kFinding, "the resized size is computed in float32",
     "At some image sizes the image becomes a pixel smaller than in PyTorch. tv2onnx doctor --fix "
     "repairs it."},
    {"D06", kFinding, "If, Loop or sequences are in the graph",
     "TensorRT and others refuse them. tv2onnx doctor --fix replaces each If by the branch that is "
     "always taken."},
    {"D07", kFinding, "the post-processing is in half precision",
     "float16 ends at 65504, and the coordinates that separate classes lie above. Convert again "
     "with the post-processing left in float32."},
    {"D08", kFinding, "declared shapes are not true",
     "Outputs or inner values announce shapes that held for one image. tv2onnx doctor --fix "
     "declares them as they are."},
    {"D09", kFinding, "outputs are misnamed or unnamed",
     "Their names do not say what their types and shapes do: labels where scores should be. "
     "tv2onnx doctor --fix names them."},
    {"D10", kFinding, "attributes are left to defaults that differ between runtimes",
     "Boxes differ slightly or entirely from one runtime to the other. tv2onnx doctor --fix writes "
     "the attributes out."},
    {"D11", kInformation, "what the file wants as input",
     "Type, layout, range and channel order of the images, and whether they are normalised inside. "
     "Information, not a fault; as the meaning of a message: the file was given something else."},
    {"D12", kInformation, "settings that are in the graph",
     "Thresholds, sizes, anchors and classes, under torchvision's names. Information, not a "
     "fault."},
    {"D13", kFinding, "another runtime cannot run a part of the graph",
     "tv2onnx doctor --target lists the nodes for each runtime that it has a table of, and what "
     "to do instead."},
    {"D14", kFinding, "quantised in the wrong places",
     "Convolutions without an implementation, or boxes in 256 steps. Quantise the matrix products "
     "of the box head only, or the backbone without the post-processing."},
    {"D15", kFinding, "parts of the file are damaged or unused",
     "NaN, missing data or a broken graph: get the file again or export it again. Unused parts and "
     "repeated constants are removed by tv2onnx doctor --fix."},
    {"D16", kFinding, "the graph is slower than it need be",
     "Right, but with steps that cost time. tv2onnx export from the checkpoint, or tv2onnx doctor "
     "--rebuild from the file, writes a faster one."},
    {"D17", kFinding, "a count of the dummy image is in the file",
     "How many candidates the dummy image had, or where they stood, is a constant: images with "
     "fewer crash, and of images with more the rest is lost. tv2onnx doctor --fix takes as many as "
     "there are."},
    {"D18", kInformation, "a classifier that leaves the preparation of photos to its caller",
     "Neither does the graph normalise the image, nor does the file say how it is to be prepared. "
     "Pixels of another size, range, mean or deviation than in training give wrong classes, and "
     "no error. tv2onnx export writes files that take photos as they are. Information, not a "
     "fault."},
    {"D19", kFinding, "photos are resized in another way than in training",
     "The graph's Resize has no antialiasing, or weighs pixels that lie outside the image: up to "
     "three of four pixels differ from Pillow's, which torchvision's transforms call. tv2onnx "
     "export writes files that resize as Pillow does."},
    {"D20", kFinding, "softmax is applied twice",
     "Probabilities of probabilities are nearly equal for all classes. tv2onnx export writes "
     "one softmax, or none."},
    {"D101", kUsage, "there is nothing to repair",
     "The doctor found nothing that a local repair can fix. What it found says what to do "
     "instead."},
    {"D102", kInput, "a repair did not hold",
     "The repaired file was checked before it got its name, and the check failed, so nothing was "
     "written. Please report it with the file; tv2onnx doctor --rebuild exports it again from its "
     "own weights."},
    {"D110", kInput, "not a model that can be rebuilt",
     "The ONNX file is not one of the models that tv2onnx models lists, its weights are quantised, "
     "or it prepares images in a way that no export has. Export from the checkpoint instead."},
    {"D111", kInput, "weights of the ONNX file fit nowhere",
     "Layers of the file have no place in the torchvision model that it looks like: another "
     "backbone or head, or a tool that changed the layers. Export from the checkpoint instead."},
    {"D112", kInput, "the rebuilt file is not proven equal",
     "The rebuilt file was compared with the original on inputs that the original can be run on, "
     "and the results differ or there was no such input. Nothing was written. Settings that are "
     "not in the file can be given as options; --unproven writes a file that could not be "
     "compared."},
    {"D113", kUsage, "the input cannot be changed",
     "Only a file that takes float images, RGB 0..1, channels first, can be given another input. "
     "tv2onnx doctor shows what the file takes."},
    {"G001", kInternal, "the graph breaks an invariant",
     "A bug in tv2onnx. Please report it with the command and, if possible, the file."},
    {"I001", kInput, "not an image of a known format",
     "JPEG, PNG, WebP and BMP are read, detected from the content, not from the file name. Convert "
     "other formats first."},
    {"I002", kInput, "the image is damaged",
     "The file ends too early or its data contradict themselves, for example after an interrupted "
     "download. Viewers may still show a part of it."},
    {"I003", kInput, "the image is too large",
     "Images of more than 178 million pixels are refused, as PIL does: small files may announce "
     "sizes that fill the memory. Scale the image down."},
    {"I004", kInput, "unsupported kind of image",
     "A rare variant of a known format, such as an animation, 12-bit JPEG or run-length coded BMP. "
     "Convert it to an ordinary JPEG or PNG."},
    {"I005", kInput, "no image was found",
     "The folder holds no file named *.jpg, *.jpeg, *.png, *.webp or *.bmp. Folders inside it are "
     "searched with --recursive."},
    {"I006", kEnvironment, "ffmpeg was not found",
     "Videos and cameras are read and written by the programs ffmpeg and ffprobe, which must be in "
     "PATH: apt install ffmpeg, brew install ffmpeg, winget install ffmpeg."},
    {"J001", kInput, "parts of the run are missing or damaged",
     "Not every shard of the list is done, or a file of the folder was changed. Run the shards "
     "that "
     "are named again: what is done is skipped."},
    {"J002", kUsage, "the folder belongs to another run",
     "What is in it was made with another model, list, number of shards, release or settings, as "
     "the message says; parts of two runs are never mixed. Give a new folder, or the same things."},
    {"O001", kInput, "not an ONNX file", "The content does not parse as an ONNX model."},
    {"O002", kInput, "the ONNX file is damaged",
     "A field announces more bytes than the file has, data is missing or described wrongly, or the "
     "graph is so entangled that following it would not end."},
    {"O003", kInput, "the output cannot be written",
     "The folder is missing or read-only, or the disk is full. Nothing was left behind."},
    {"O004", kUsage, "the output file exists", "Give -f to overwrite it, or another name."},
    {"P001", kInput, "the pickle is damaged",
     "The stream of pickle opcodes breaks off or contradicts itself."},
    {"P002", kInput, "the pickle exceeds a limit",
     "Depth, number of objects or length of a string are beyond what a checkpoint needs. The file "
     "is damaged or hostile."},
    {"P003", kInput, "unsupported pickle opcode",
     "torch.save does not write this opcode. The file was not made by torch.save."},
    {"P004", kInput, "the pickle is an attack",
     "It names a function that starts programs, evaluates code or opens connections; torch.load "
     "would call it. tv2onnx executes nothing of it. Do not load the file in Python, and tell the "
     "place that you have it from."},
    {"R001", kEnvironment, "ONNX Runtime was not found",
     "Run scripts/setup, install libonnxruntime, or name the library with --runtime or "
     "TV2ONNX_ORT."},
    {"R002", kInput, "ONNX Runtime refuses the model", "The runtime's own message is shown."},
    {"R003", kInput, "ONNX Runtime failed while running the model",
     "The runtime's own message is shown. Files of torch.onnx.export often fail on images that "
     "differ "
     "from the one they were traced with: export the checkpoint with tv2onnx instead."},
    {"R004", kEnvironment, "the ONNX Runtime library is too old",
     "tv2onnx needs ONNX Runtime 1.11 or newer. Name another library with --runtime or "
     "TV2ONNX_ORT, or run scripts/setup."},
    {"R005", kInput, "the model has an input or output of an unsupported type",
     "Detectors take and give tensors of float, integer or bool; sequences, maps, strings and "
     "complex numbers are not handled."},
    {"R006", kInput, "the inputs do not fit the model",
     "Number, element type or size of the tensors given differ from what the model declares. A "
     "file "
     "that was exported for one image size takes no other; tv2onnx export writes one for all."},
    {"R007", kInput, "the model is for another task, or not understood",
     "Its inputs and outputs are listed. A detector takes RGB images and gives boxes, labels and "
     "scores, a classifier one list of scores: both are recognised by types and shapes of their "
     "inputs and outputs, whoever made the file. Models of segmentation, video and optical flow "
     "have the metadata that tv2onnx export writes. tv2onnx predict runs each as what it is."},
    {"R008", kInput, "the weights of a model in memory are elsewhere",
     "A model that is given as bytes has no folder in which its external data could lie. Open it "
     "by "
     "its path, or export it without --external-data."},
    {"R009", kEnvironment, "the execution provider is not there",
     "The ONNX Runtime library that was found was built without it, or what it needs (a driver, "
     "its "
     "own libraries) is missing. The message says what to install; tv2onnx doctor --system lists "
     "what is there. Nothing falls back to the CPU silently."},
    {"U001", kUsage, "unknown or missing option, command or value",
     "The nearest valid name is shown; --help lists all."},
    {"U002", kUsage, "a value is out of range", "The message says what is allowed."},
    {"U003", kUsage, "options contradict each other", "The message says which."},
    {"U005", kUsage, "a configuration file is not valid JSON",
     "The byte offset is shown. Keys that come twice and numbers out of range are errors too; the "
     "same goes for annotations and class names, which must be UTF-8."},
    {"V001", kInput, "not a recorded reference",
     "tv2onnx verify compares with a safetensors file of scripts/record_reference.py, with another "
     "ONNX file, or with a checkpoint."},
    {"V002", kInput, "the recorded reference is incomplete",
     "An array is missing or has another type or shape than scripts/record_reference.py writes. "
     "Record it again."},
    {"V003", kEnvironment, "PyTorch cannot be run",
     "Verifying against a checkpoint runs python3 with torch, torchvision, numpy and Pillow: apt "
     "install python3-torchvision, or name an interpreter that has them in TV2ONNX_PYTHON. Where "
     "there is none, record a reference elsewhere with scripts/record_reference.py."},
    {"V004", kInput, "PyTorch cannot run the checkpoint",
     "The message of scripts/record_reference.py is shown."},
    {"V005", kUsage, "the checkpoint is a whole module",
     "torch.load would run code from the file to make the module. Give --trust if you trust where "
     "it comes from. tv2onnx itself never runs any."},
    {"W001", kInput, "the architecture is not known",
     "The keys of the checkpoint fit none of the models that can be exported, or there are several "
     "detectors, of which --prefix chooses one. tv2onnx models lists the models; tv2onnx inspect "
     "shows what is in the file."},
    {"W002", kInput, "settings and weights contradict each other",
     "A setting that is not in the checkpoint, such as anchor sizes, does not fit its weights. "
     "Give "
     "the value that the model was trained with."},
    {"W003", kInput, "the checkpoint does not fit the architecture",
     "Tensors are missing, have another shape, or are not used by the architecture. The list says "
     "which. Choose another --arch, or check how the checkpoint was saved."},
    {"W004", kInput, "the checkpoint is of another architecture than was asked for",
     "Its keys say what it is, and --arch or the name of the file, which is one of torchvision's "
     "weights, says otherwise. Leave --arch out, or name that architecture with it."},
    {"W005", kInput, "the module differs from torchvision's",
     "The checkpoint is a whole module, and something on the way from the image to the result is "
     "not "
     "as in torchvision: a class of your own, whose code is not in the file, a method replaced on "
     "the "
     "object, a hook, another activation or stride, a layer more. A graph with torchvision's "
     "modules "
     "would give other results, so none is written. Python can trace the model: "
     "torch.onnx.export(model, [photo], 'traced.onnx', opset_version=17), then tv2onnx doctor "
     "traced.onnx --fix fixed.onnx. If what differs changes no result, such as a class that was "
     "copied from torchvision, --assume-torchvision exports all the same; the file then says what "
     "it "
     "lacks. docs/what-a-file-can-tell.md lists what is compared."},
    {"W006", kInput, "numbers that are not finite",
     "Weights are NaN, or become infinite or NaN when batch normalisation is folded into them: "
     "training diverged, or variances became 0 when the checkpoint was saved in half precision. "
     "Infinite weights that PyTorch has too are no error."},
    {"W007", kInput, "the backbone's file does not go with the detector",
     "--backbone takes an ONNX file of a backbone alone: one float32 input [batch, channels, "
     "height, "
     "width], normalised and padded, with symbolic batch, height and width; one output per feature "
     "map, fine to coarse, named as torchvision names them; standard operators only, opset 11 to "
     "21, "
     "nothing decided by the image it was traced with, and the numbers of this checkpoint. "
     "scripts/export_backbone.py writes such files from a model in Python and says what to change "
     "where it cannot. docs/backbones.md has all of it."},
    {"X001", kInternal, "internal error",
     "A bug in tv2onnx. Please report it with the command and, if possible, the file."},
    {"X002", kEnvironment, "out of memory", "The machine does not have enough memory."},
    {"X003", kEnvironment, "the call was cancelled",
     "A program that uses the library asked for it, or the time of --time-limit is over. Nothing "
     "was "
     "left behind."},
});

/// Whether each code has its row, at its place.
consteval bool complete() {
  if (kCodes.size() + 1 != kErrorCodeNames.size()) return false;
  for (std::size_t k = 0; k < kCodes.size(); ++k) {
    if (kCodes[k].code.name() != kErrorCodeNames[k + 1]) return false;
  }
  return true;
}
static_assert(complete());

}  // namespace

std::span<const ErrorCodeRow> error_codes() {
  return kCodes;
}

const ErrorCodeRow* find_error_code(std::string_view name) {
  const auto row = std::ranges::find_if(
      kCodes, [name](const ErrorCodeRow& candidate) { return candidate.code.name() == name; });
  return row != kCodes.end() ? &*row : nullptr;
}

}  // namespace tv2onnx
