#include "doctor/rebuild/recover.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/mapped_file.h"
#include "base/text.h"
#include "doctor/rebuild/name_layers.h"
#include "doctor/rebuild/recover_network.h"
#include "doctor/rebuild/recover_weights.h"
#include "doctor/rebuild/settings.h"
#include "onnx/external_data.h"
#include "tv2onnx/error.h"

namespace tv2onnx::doctor {
namespace {

constexpr auto kQuantised =
    std::to_array<std::string_view>({"QLinearConv", "ConvInteger", "MatMulInteger", "QLinearMatMul",
                                     "DequantizeLinear", "DynamicQuantizeLinear"});

void require_float_weights(const View& view) {
  const auto node = std::ranges::find_if(view.nodes(), [](const OnnxNode* each) {
    return std::ranges::find(kQuantised, each->op) != kQuantised.end();
  });
  if (node == view.nodes().end()) return;
  throw Error(
      {.code = "D110",
       .found = "the weights are quantised; what they were before is lost",
       .where = {.item = (*node)->label()},
       .hint = fmt::format("rebuild from the file before quantisation, or {}", kFromCheckpoint)});
}

void require_not_endless(const std::vector<Layer>& layers) {
  if (layers.size() < kMostLayers) return;
  throw Error({.code = "D110",
               .found = fmt::format("it has {} layers with weights or more, as no detector of "
                                    "torchvision's has",
                                    kMostLayers),
               .hint = "only files of torch.onnx.export, simplified or not, can be rebuilt"});
}

/// Layers without normalisation keep their names, and every detector's head has some.
bool has_detection_head(const std::vector<Layer>& layers) {
  constexpr auto kHeads = std::to_array<std::string_view>(
      {"roi_heads.", "head.classification_head.", "head.regression_head."});
  return std::ranges::any_of(layers, [&](const Layer& layer) {
    return std::ranges::any_of(kHeads, [&](auto head) { return layer.module.starts_with(head); });
  });
}

/// A setting as a whole-module checkpoint would state it.
void state(Checkpoint& checkpoint, const FoundSetting& setting) {
  const std::size_t dot = setting.path.rfind('.');
  const bool root = dot == std::string::npos;
  const std::string path = root ? "" : setting.path.substr(0, dot);
  auto module = std::ranges::find(checkpoint.modules, path, &ModuleInfo::path);
  if (module == checkpoint.modules.end()) {
    module = checkpoint.modules.insert(module, {path, "", {}});
  }
  module->attributes.emplace_back(root ? setting.path : setting.path.substr(dot + 1),
                                  setting.value);
}

}  // namespace

std::string producer_text(const OnnxModel& model) {
  const std::string producer = model.producer.empty() ? "unknown producer" : model.producer;
  return fmt::format("{}{}{}, opset {}", printable(producer),
                     model.producer_version.empty() ? "" : " ", printable(model.producer_version),
                     model.opset());
}

Checkpoint recover(OnnxModel& model) {
  const View view(model);
  require_float_weights(view);
  std::vector<Layer> layers = find_layers(view);
  require_not_endless(layers);
  if (!has_detection_head(layers)) return recover_network(view, layers);
  name_layers(view, layers);
  Checkpoint checkpoint = recover_weights(view, layers);
  for (const FoundSetting& setting : find_settings(view, layers)) state(checkpoint, setting);
  return checkpoint;
}

Checkpoint recover(OnnxModel& model, const std::filesystem::path& path) {
  try {
    load_external_data(model, path);
    Checkpoint checkpoint = recover(model);
    const std::shared_ptr<const MappedFile> file = MappedFile::open(path);
    checkpoint.file = path.string();
    checkpoint.file_size = model.file_size;
    checkpoint.description = "ONNX file of " + producer_text(model);
    checkpoint.bytes_ = file->bytes();
    checkpoint.owner_ = file;
    return checkpoint;
  } catch (const Error& error) {
    throw error.in_file(path.string());
  }
}

}  // namespace tv2onnx::doctor
