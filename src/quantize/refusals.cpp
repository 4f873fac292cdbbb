#include "quantize/refusals.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"
#include "contract/precision.h"
#include "quantize/loaded_model.h"
#include "tv2onnx/contract.h"
#include "tv2onnx/detector.h"
#include "tv2onnx/error.h"
#include "tv2onnx/quantize.h"

namespace tv2onnx {
namespace {

constexpr const char* kExportAgain =
    "quantize the file that tv2onnx export writes without --precision";

bool is_eight_bit(const OnnxNode& node) {
  constexpr auto kOps = std::to_array<std::string_view>(
      {"QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "QLinearConv", "ConvInteger",
       "QLinearMatMul", "MatMulInteger"});
  return std::ranges::find(kOps, node.op) != kOps.end();
}

bool is_own(const FileMetadata& metadata) {
  return !metadata.architecture.empty();
}

/// What to do with a stranger's file.
std::string rebuild_hint(const std::filesystem::path& path) {
  return fmt::format(
      "tv2onnx doctor {} --rebuild NEW.onnx writes one that can be quantised, if the model is one "
      "of torchvision's",
      shell_quoted(path.string()));
}

}  // namespace

void refuse_quantised(const OnnxModel& model, const std::filesystem::path& path) {
  std::string found = precision_in(model.metadata);
  std::string item = kPrecisionKey;
  const auto node = std::ranges::find_if(model.graph.nodes, is_eight_bit);
  if (found.empty() && node != model.graph.nodes.end()) {
    found = "8-bit layers";
    item = node->label();
  }
  if (found.empty()) return;
  throw Error({.code = "U003",
               .found = fmt::format("the file is quantised already: {}", found),
               .where = {.file = path.string(), .item = item},
               .hint = kExportAgain});
}

void refuse_output(const std::filesystem::path& model, const std::filesystem::path& output,
                   bool overwrite) {
  std::error_code ignored;
  if (std::filesystem::equivalent(model, output, ignored)) {
    throw Error({.code = "U003",
                 .found = "the output is the model itself",
                 .where = {.file = output.string()},
                 .hint = "give another name: the original is what the new file is measured by"});
  }
  if (overwrite || !std::filesystem::exists(output, ignored)) return;
  throw Error({.code = "O004",
               .found = "the output file exists",
               .where = {.file = output.string()},
               .hint = "-f overwrites it"});
}

Task require_known(const OnnxModel& model, const std::filesystem::path& path, Recipe recipe) {
  const FileMetadata metadata = read_metadata(model.metadata);
  const bool own = is_own(metadata);
  const Task task = own ? metadata.task.value_or(Task::kDetection) : task_of_file(path);
  if (own ? !can_be_quantised(task) : task != Task::kDetection) {
    throw Error(
        {.code = "R007",
         .found = own ? fmt::format("{}, whose task is {}", metadata.architecture, task_name(task))
                      : fmt::format("no architecture in the metadata, and the task is {}",
                                    task_name(task)),
         .where = {.file = path.string()},
         .expected = "a detector, or a classifier or a segmentation model that tv2onnx export "
                     "wrote",
         .hint = own ? "--precision fp16-weights halves any file" : rebuild_hint(path)});
  }
  // Fully connected layers need less than scales along an axis.
  const std::int64_t first = recipe == Recipe::kHead ? 11 : 13;
  if (model.opset() >= first) return task;
  throw Error({.code = "U002",
               .found = fmt::format("opset {}", model.opset()),
               .where = {.file = path.string()},
               .expected = fmt::format("opset {} or newer", first),
               .hint = fmt::format("{}{}",
                                   own ? "export it again without --opset"
                                       : "export it again with opset_version=17",
                                   model.opset() >= 11 ? "; --recipe head needs opset 11" : "")});
}

void require_layers(const ChosenLayers& chosen, const OnnxModel& model,
                    const std::filesystem::path& path, Recipe recipe) {
  if (!chosen.convolutions.empty() || !chosen.products.empty()) return;
  const bool own = is_own(read_metadata(model.metadata));
  throw Error(
      {.code = "R007",
       .found = own ? fmt::format("no layer that the recipe \"{}\" makes 8-bit ones of",
                                  mode_name(kRecipes, recipe))
                    : "neither names of nodes nor of weights tell which layer is which",
       .where = {.file = path.string()},
       .expected =
           own ? ""
               : "names as torch.onnx.export gives them: /rpn/head/conv/..., rpn.head.conv.weight",
       .hint = !own                     ? rebuild_hint(path)
               : recipe == Recipe::kAll ? "--precision fp16-weights halves the file"
                                        : "--recipe all takes the backbone, too"});
}

void require_measurable(Task task, const QuantizeOptions& options,
                        const std::filesystem::path& path) {
  if (task == Task::kDetection || options.annotations.empty()) return;
  throw Error({.code = "U003",
               .found = fmt::format("annotations, and the file is for {}", task_name(task)),
               .where = {.file = path.string()},
               .hint = "average precision is of detectors: leave them out"});
}

void require_enough(std::size_t photos) {
  if (photos >= kFewestPhotos) return;
  throw Error({.code = "U002",
               .found = counted(photos, "photo") + " to calibrate and measure with",
               .where = {.item = "IMAGES"},
               .expected = fmt::format("at least {}, better 64, like those that the model will see",
                                       kFewestPhotos)});
}

bool is_blank(const Tensor& photo) {
  const auto pixels = photo.as<std::uint8_t>();
  for (std::size_t k = 3; k < pixels.size(); ++k) {
    if (pixels[k] != pixels[k - 3]) return false;
  }
  return true;
}

}  // namespace tv2onnx
