// ONNX Runtime: a model that does not take an image, or stops at one.

#include <array>
#include <charconv>

#include "base/text_pattern.h"
#include "doctor/log/patterns.h"

namespace tv2onnx::doctor {
namespace {

constexpr long kBoxCoordinates = 4;

long number(const std::string& text) {
  long value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// Columns of a box layer that lost its first coordinate: 4C - 1. Adds C.
std::optional<Groups> one_coordinate_short(Groups groups) {
  const long columns = number(groups[2]);
  if (columns % kBoxCoordinates != kBoxCoordinates - 1) return std::nullopt;
  groups.push_back(std::to_string((columns + 1) / kBoxCoordinates));
  return groups;
}

/// Columns of a whole box layer: 4C. Adds C.
std::optional<Groups> box_layer(Groups groups) {
  const long columns = number(groups[1]);
  if (columns == 0 || columns % kBoxCoordinates != 0) return std::nullopt;
  groups.push_back(std::to_string(columns / kBoxCoordinates));
  return groups;
}

/// The axes that differ, each as "index: 2 Got: 480 Expected: 640". Adds what the first one at or
/// after `axis` got and wants; of several the size says more than the batch.
std::optional<Groups> differs_at(Groups groups, long axis, bool others_too) {
  static const TextPattern kOne(R"(index: (\d+) Got: (-?\d+) Expected: (-?\d+))");
  const std::string all = groups[1];
  std::size_t from = 0;
  while (const auto at = kOne.search(all, from)) {
    from = static_cast<std::size_t>((*at)[0].data() - all.data()) + (*at)[0].size();
    const long found = number(std::string((*at)[1]));
    if (found != axis && !(others_too && found > axis)) continue;
    groups.insert(groups.end(), at->begin() + 1, at->end());
    return groups;
  }
  return std::nullopt;
}

std::optional<Groups> channels_differ(Groups groups) {
  return differs_at(std::move(groups), 1, false);
}

std::optional<Groups> size_differs(Groups groups) {
  return differs_at(std::move(groups), 2, true);
}

std::optional<Groups> batch_differs(Groups groups) {
  return differs_at(std::move(groups), 0, false);
}

/// K of a TopK that no detector has as its limit: as many as the traced image had.
std::optional<Groups> traced_count(Groups groups) {
  constexpr long kLimits = 50;  // 100, 150, 300, 400, 1000, ...
  const long k = number(groups[1]);
  if (k >= 2 * kLimits && k % kLimits == 0) return std::nullopt;
  return groups;
}

constexpr std::string_view kReshape =
    R"(nput shape: ?\{(\d+), ?(\d+)\}, requested shape: ?\{-1, ?4\})";
// The lines may have been joined, or the line breaks be escaped.
constexpr std::string_view kDimensions =
    R"(indices((?:[\s\\nx0a]+index: \d+ Got: -?\d+ Expected: -?\d+)+))";
constexpr std::string_view kFeedSource =
    "https://onnxruntime.ai/docs/api/python/auto_examples/plot_common_errors.html";
constexpr std::string_view kSplitSource =
    "https://github.com/microsoft/onnxruntime/blob/main/onnxruntime/core/providers/cpu/tensor/"
    "split.cc";

constexpr std::string_view kBoundTopK =
    "tv2onnx doctor MODEL.onnx --fix FIXED.onnx; where it finds nothing to repair: tv2onnx doctor "
    "MODEL.onnx --rebuild NEW.onnx";

constexpr auto kShapePatterns = std::to_array<LogPattern>({
    {Detail::kExact, "D01", "equested shape:", kReshape,
     "the model was traced with an image without proposals: {1} rows of {2} = 4 x {3} - 1 numbers, "
     "a coordinate was cut off instead of the background ({3} classes with background)",
     remedy::kFix, "https://github.com/pytorch/vision/issues/8534", one_coordinate_short},
    {Detail::kExact, "D02",
     "equested shape:", R"(nput shape: ?\{0, ?(\d+)\}, requested shape: ?\{0, ?-1\})",
     "this image has no proposals (blank, dark, or not of the range 0..1), and -1 of an empty "
     "tensor is undefined ({2} classes with background)",
     remedy::kFix, "https://github.com/pytorch/vision/issues/8734", box_layer},
    {Detail::kExact, "D02",
     "equested shape:", R"(nput shape: ?\{0(?:, ?[-\d]+)*\}, requested shape: ?\{[^}]*-1[^}]*\})",
     "an empty tensor is reshaped with -1: this image has no proposals or detections", remedy::kFix,
     "https://github.com/pytorch/vision/issues/8734"},
    {Detail::kExact, "D04", "Cannot split using values in 'split'",
     R"(nput shape=\{(\d+)[^}]*\} NumOutputs=(\d+))",
     "the batch was unrolled when the model was traced: it takes batches of {2} and got {1}",
     "tv2onnx doctor MODEL.onnx --rebuild NEW.onnx, or feed batches of {2}", kSplitSource},
    {Detail::kExact, "D17", "exceeds the remaining size of the selected axis",
     R"(Split size ([2-9]|\d{2,}) exceeds the remaining size of the selected axis, (\d+))",
     "a list is split into the parts that the traced image had, one of {1}, and {2} are left: it "
     "depends on what is found in the image",
     "tv2onnx doctor MODEL.onnx names the place (D17)", kSplitSource},
    {Detail::kExact, "D04", "exceeds the remaining size of the selected axis",
     R"(Split size (\d+) exceeds the remaining size of the selected axis, (\d+))",
     "the batch was unrolled when the model was traced, with more images than it got now",
     "tv2onnx doctor MODEL.onnx --rebuild NEW.onnx, or feed as many images as there are boxes_0, "
     "boxes_1, ...",
     kSplitSource},
    {Detail::kExact, "D04", "must be 1 instead of", R"(input (\d+) must be 1 instead of (\d+))",
     "axis {1} is removed because it was 1 when the model was traced, and is {2} now: one image "
     "only",
     "tv2onnx doctor MODEL.onnx --rebuild NEW.onnx, or feed one image per run",
     "https://github.com/pytorch/vision/issues/2309"},
    {Detail::kExact, "D11", "Got invalid dimensions", kDimensions,
     "axis 1 is the channels: the file wants {4} and got {3}, so the image has another layout "
     "(height, width, channels) or number of channels",
     "transpose to [batch, 3, height, width] and convert to RGB", kFeedSource, channels_differ},
    {Detail::kExact, "D03", "Got invalid dimensions", kDimensions,
     "the file has a fixed image size: axis {2} must be {4} and is {3}", remedy::kFix,
     "https://github.com/pytorch/vision/issues/1840", size_differs},
    {Detail::kExact, "D04", "Got invalid dimensions", kDimensions,
     "the file has a fixed batch of {4} and got {3} images",
     "tv2onnx doctor MODEL.onnx --rebuild NEW.onnx, or feed batches of {4}",
     "https://github.com/pytorch/vision/issues/2311", batch_differs},
    {Detail::kExact, "D17", "should not be greater than specified axis dim value",
     R"(k argument \[(\d+)\] should not be greater than specified axis dim value \[(\d+)\])",
     "the number of candidates of the traced image, {1}, is in the file, and this image has {2}: "
     "it "
     "depends on what is in the image, not on its size",
     kBoundTopK, "https://github.com/microsoft/onnxruntime/issues/12669", traced_count},
    {Detail::kExact, "D03", "should not be greater than specified axis dim value",
     R"(k argument \[(\d+)\] should not be greater than specified axis dim value \[(\d+)\])",
     "the number of best candidates, {1}, was fixed when the model was traced; this image has {2}. "
     "If other images of the same size run, its content is the cause (D17), else its size (D03)",
     kBoundTopK, "https://github.com/pytorch/vision/issues/1840"},
    {Detail::kExact, "D17", "K_ <= tensor_X->Shape().GetDims()[axis] was false", "",
     "a TopK takes more than there is (on CUDA): the number of candidates of the traced image is "
     "in "
     "the file, and this image has fewer. If other images of the same size run, its content is the "
     "cause (D17), else its size (D03)",
     kBoundTopK, "https://github.com/microsoft/onnxruntime/issues/13876"},
    {Detail::kExact, "D02", "Attempting to broadcast an axis",
     R"(dimension other than 1\. (?:0 by \d+|\d+ by 0)\b)",
     "one of the tensors is empty: nothing was found in this image, often because it was prepared "
     "in another way (0..255 instead of 0..1, another order of channels); runtimes of today bear "
     "empty tensors here",
     "tv2onnx doctor MODEL.onnx --run shows in which preparation something is found; then a newer "
     "ONNX Runtime, or tv2onnx doctor MODEL.onnx --fix FIXED.onnx",
     "https://github.com/microsoft/onnxruntime/issues/1355"},
    {Detail::kKind, "D03", "boxes and scores should have same spatial_dimension", "",
     "NonMaxSuppression gets more scores than boxes, or fewer: one of them kept a number of the "
     "image that the model was traced with, or of another batch",
     remedy::kDoctor, "https://github.com/microsoft/onnxruntime/issues/6680"},
    {Detail::kExact, "D11", "Invalid rank for input",
     R"(Invalid rank for input: (\S+) Got: (\d+) Expected: (\d+))",
     "input '{1}' has {3} dimensions and got {2}: the batch dimension is missing or too much",
     "3 dimensions are [3, height, width], 4 are [batch, 3, height, width]", kFeedSource},
    {Detail::kExact, "D11", "Unexpected input data type",
     R"(Actual: \(?tensor\((\w+)\)\)? ?, expected: \(?tensor\((\w+)\))",
     "the file takes {2} and got {1}",
     "convert the image: float32 0..1 for most detectors, image.astype(numpy.float32) / 255; "
     "tv2onnx doctor MODEL.onnx says which (D11)",
     kFeedSource},
    {Detail::kExact, "D11", "missing from input feed",
     R"(Required inputs \((\[[^\]]*\])\) are missing from input feed \((\[[^\]]*\])\))",
     "the input is called {1}, not {2}", "use the name of session.get_inputs()[0].name",
     kFeedSource},
    {Detail::kExact, "D11", "nvalid ", R"(Invalid (?:Feed Input Name|input name):? ?(\S+))",
     "the file has no input called {1}",
     "use the name of session.get_inputs()[0].name; tv2onnx inspect MODEL.onnx shows it",
     kFeedSource},
    {Detail::kExact, "D09", "nvalid ", R"(Invalid (?:Output Name|output name):? ?(\S+))",
     "the file has no output called {1}",
     "tv2onnx inspect MODEL.onnx shows the names; tv2onnx doctor MODEL.onnx --fix FIXED.onnx gives "
     "them meaning",
     kFeedSource},
    {Detail::kExact, "D14", "an't reduce on dim with value of 0", R"(input_shape: ?\{([^}]*)\})",
     "a maximum over an empty tensor of shape {{1}}: nothing was found in an image. If it comes "
     "while a file is quantised, static int8 calibration observes the post-processing; if it comes "
     "while a file runs, it was traced by an exporter that does not know empty results (D02)",
     "while quantising: the backbone only, or the post-processing out of calibration "
     "(nodes_to_exclude); else tv2onnx doctor MODEL.onnx --fix FIXED.onnx",
     "https://github.com/microsoft/onnxruntime/issues/19544"},
    {Detail::kExact, "D08", "does not match actual shape of",
     R"(Expected shape from model of \{([^}]*)\} does not match actual shape of \{([^}]*)\} for output (\S+))",
     "output {3} is declared as {{1}} and is {{2}}: a declared size that was true for one image",
     remedy::kFix,
     "https://github.com/microsoft/onnxruntime/blob/main/onnxruntime/core/framework/"
     "execution_frame.cc"},
    {Detail::kExact, "D03", "Attempting to broadcast an axis",
     R"(dimension other than 1\. (\d+) by (\d+))",
     "tensors of {1} and {2} elements meet: one of them kept the size of the image that the model "
     "was traced with",
     remedy::kFix, "https://github.com/pytorch/vision/issues/1840"},
    {Detail::kKind, "D03", "indices element out of data bounds",
     R"(idx=(-?\d+) must be within the inclusive range \[(-?\d+), ?(-?\d+)\])",
     "index {1} of a table with indices {2} to {3}: a table or index that was fixed when the model "
     "was traced, for another size or batch",
     remedy::kDoctor, "https://github.com/pytorch/vision/issues/1840"},
    {Detail::kKind, "D03",
     "requested shape:", R"(nput shape: ?(\{[^}]*\}), requested shape: ?(\{[^}]*\}))",
     "{1} does not fit into {2}: the shape was fixed when the model was traced, for another size "
     "or batch",
     remedy::kDoctor, "https://github.com/pytorch/vision/issues/1840"},
    {Detail::kKind, "D03", "Got invalid dimensions", "",
     "the image has another size than the file declares", remedy::kFix,
     "https://github.com/pytorch/vision/issues/1840"},
});

}  // namespace

LogTable onnx_runtime_shape_patterns() {
  return {"ONNX Runtime", kShapePatterns};
}

}  // namespace tv2onnx::doctor
