#include "quantize/refusals.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"
#include "contract/precision.h"
#include "quantize/subject.h"
#include "tv2onnx/contract.h"
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

Task require_own_file(const OnnxModel& model, const std::filesystem::path& path) {
  const FileMetadata metadata = read_metadata(model.metadata);
  const Task task = metadata.task.value_or(Task::kDetection);
  if (metadata.architecture.empty() || !can_be_quantised(task)) {
    throw Error(
        {.code = "R007",
         .found = metadata.architecture.empty()
                      ? "no architecture in the metadata, so its layers are not known"
                      : fmt::format("{}, whose task is {}", metadata.architecture, task_name(task)),
         .where = {.file = path.string()},
         .expected = "a detector, a classifier or a segmentation model that tv2onnx export "
                     "wrote",
         .hint = "--precision fp16-weights halves any file"});
  }
  constexpr std::int64_t kFirstOpset = 13;  // scales along an axis
  if (model.opset() >= kFirstOpset) return task;
  throw Error({.code = "U002",
               .found = fmt::format("opset {}", model.opset()),
               .where = {.file = path.string()},
               .expected = "opset 13 or newer, which has scales for each channel",
               .hint = "export it again without --opset"});
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
