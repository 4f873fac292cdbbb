// What a checkpoint says about its model beside the architecture.

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "base/text.h"
#include "tv2onnx/zoo.h"

namespace tv2onnx {
namespace {

/// The layers of one-stage heads that have a row per anchor and class, and per anchor and side.
constexpr auto kDenseHeads = std::to_array<std::array<std::string_view, 2>>({
    {"head.classification_head.cls_logits.weight", "head.regression_head.bbox_reg.weight"},
    {"head.classification_head.module_list.0.weight", "head.regression_head.module_list.0.weight"},
    {"head.classification_head.module_list.0.1.weight",
     "head.regression_head.module_list.0.1.weight"},
});

/// The last convolution of segmentation models.
constexpr auto kPixelHeads =
    std::to_array<std::string_view>({"classifier.low_classifier.weight", "classifier.4.weight"});

}  // namespace

const Setting* find_attribute(const Checkpoint& checkpoint, std::string_view path) {
  // The longest part of the path that is a module; the model itself has an empty path.
  for (std::size_t end = path.size(); end != 0;) {
    end = path.rfind('.', end - 1);
    const bool root = end == std::string_view::npos;
    if (root) end = 0;
    const ModuleInfo* module = checkpoint.module(path.substr(0, end));
    if (module == nullptr) continue;
    std::string_view rest = path.substr(root ? 0 : end + 1);
    const Setting* setting = module->find(rest.substr(0, rest.find('.')));
    while (setting != nullptr && rest.find('.') != std::string_view::npos) {
      rest = rest.substr(rest.find('.') + 1);
      setting = setting->find(rest.substr(0, rest.find('.')));
    }
    return setting;
  }
  return nullptr;
}

std::int64_t class_count(const Checkpoint& checkpoint) {
  const auto rows = [&](std::string_view key) {
    const Tensor* weight = checkpoint.find(key);
    return weight != nullptr && !weight->shape.empty() ? weight->shape[0] : 0;
  };
  for (const auto& [logits, deltas] : kDenseHeads) {
    const std::int64_t anchors = rows(deltas) / 4;
    if (rows(logits) > 0 && anchors > 0) return rows(logits) / anchors;
  }
  for (const std::string_view key : kPixelHeads) {
    const Tensor* weight = checkpoint.find(key);
    if (weight != nullptr && weight->shape.size() == 4) return weight->shape[0];
  }
  constexpr std::string_view kScores = "roi_heads.box_predictor.cls_score.";
  std::int64_t classes = rows(std::string(kScores) + "weight");
  for (const NamedTensor& tensor : checkpoint.tensors) {  // or an nn.Sequential: its last Linear
    const bool linear = tensor.name.ends_with(".weight") && tensor.tensor.shape.size() == 2;
    if (linear && tensor.name.starts_with(kScores)) classes = tensor.tensor.shape[0];
  }
  return classes;
}

std::string class_count_text(const Model& model, std::int64_t classes) {
  return fmt::format("{} class{}{}", classes, classes == 1 ? "" : "es",
                     model.background ? " with background" : "");
}

std::vector<std::string> fitted_names(std::vector<std::string> names, std::int64_t classes,
                                      bool may_lack_background) {
  const auto count = static_cast<std::size_t>(classes);
  if (may_lack_background && names.size() + 1 == count)
    names.insert(names.begin(), "__background__");
  if (names.size() != count) names.clear();
  return names;
}

FoundNames found_class_names(const Checkpoint& checkpoint, std::int64_t classes,
                             bool may_lack_background) {
  if (classes == 0) return {};
  for (const ClassList& list : checkpoint.class_lists) {
    std::vector<std::string> names = fitted_names(list.names, classes, may_lack_background);
    if (!names.empty()) return {std::move(names), list.place, ""};
  }
  if (checkpoint.class_lists.empty()) return {};
  const ClassList& first = checkpoint.class_lists.front();
  return {{},
          first.place,
          fmt::format("the file has {} in {} for {} classes, so they are not used; --class-names "
                      "FILE.txt gives names",
                      counted(first.names.size(), "class name"), printable(first.place), classes)};
}

}  // namespace tv2onnx
