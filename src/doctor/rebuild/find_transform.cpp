// torchvision/models/detection/transform.py as exported:
//   (x - mean) / std
//   min(1 / min(h, w) * min_size, 1 / max(h, w) * max_size)
//   ceil(size / size_divisible) * size_divisible

#include <algorithm>
#include <cmath>

#include "doctor/rebuild/constants.h"
#include "doctor/rebuild/flow.h"
#include "doctor/rebuild/settings.h"

namespace tv2onnx::doctor {
namespace {

constexpr auto kImageParts =
    std::to_array<std::string_view>({"Identity", "Split", "Squeeze", "Unsqueeze", "Gather", "Slice",
                                     "Transpose", "Cast", "Div", "Mul"});

Setting number_setting(double value) {
  if (value == std::floor(value) && std::abs(value) < 1e15) {
    return {static_cast<std::int64_t>(value)};
  }
  return {value};
}

Setting list_setting(const Tensor& tensor) {
  SettingList list;
  for (const float value : to_float(tensor)) list.push_back({shortest(value)});
  return {list};
}

/// The operand that is not `value`.
std::string other_input(const OnnxNode& node, std::string_view value) {
  return node.input(node.input(0) == value ? 1 : 0);
}

/// The image input of the graph; files of old exporters list initialisers as inputs too.
std::string image_input(const View& view) {
  for (const OnnxValueInfo& input : view.model().graph.inputs) {
    if (!view.constant(input.name)) return input.name;
  }
  return "";
}

void find_normalisation(const View& view, FoundSettings& found) {
  for (const OnnxNode* sub : readers_behind(view, image_input(view), kImageParts)) {
    if (sub->op != "Sub") continue;
    const std::optional<Tensor> mean = float_constant(view, sub->input(1));
    if (!mean) continue;
    for (const OnnxNode* div : view.readers(sub->output(0), "Div")) {
      const std::optional<Tensor> std = float_constant(view, div->input(1));
      if (!std || std->size() != mean->size()) continue;
      found.push_back({"transform.image_mean", list_setting(*mean), sub});
      found.push_back({"transform.image_std", list_setting(*std), div});
      return;
    }
  }
}

/// The number that the reciprocal of a value is multiplied by, or that is divided by it.
std::optional<double> numerator(const View& view, const OnnxNode& reduction) {
  for (const OnnxNode* node : readers_behind(view, reduction.output(0), kShapeChanges)) {
    if (node->op == "Div") {
      if (const auto number = float_number(view, node->input(0))) return number;
    }
    if (node->op != "Reciprocal") continue;
    for (const OnnxNode* mul : view.readers(node->output(0), "Mul")) {
      if (const auto number = float_number(view, other_input(*mul, node->output(0)))) {
        return number;
      }
    }
  }
  return std::nullopt;
}

void find_size(const View& view, std::string_view reduction, std::string path,
               FoundSettings& found) {
  for (const OnnxNode* node : view.nodes()) {
    if (node->op != reduction) continue;
    const std::optional<double> number = numerator(view, *node);
    if (!number) continue;
    found.push_back({std::move(path), number_setting(*number), node});
    return;
  }
}

void find_divisor(const View& view, FoundSettings& found) {
  for (const OnnxNode* node : view.nodes()) {
    if (node->op != "Ceil") continue;
    const OnnxNode* div = view.producer(node->input(0), "Div");
    const auto divisor = div != nullptr ? float_number(view, div->input(1)) : std::nullopt;
    if (!divisor) continue;
    found.push_back({"transform.size_divisible", number_setting(*divisor), div});
    return;
  }
}

/// The size that all images are resized to.
std::optional<FoundSetting> constant_size(const View& view, const std::vector<Layer>& layers) {
  const std::size_t end = layers.empty() ? 0 : position(view, layers[0].node);
  for (std::size_t k = 0; k < end; ++k) {
    const OnnxNode* node = view.nodes()[k];
    if (node->op != "Resize" || node->inputs.size() < 4) continue;
    const std::vector<std::int64_t> sizes = integer_bounds(view, node->input(3));
    if (sizes.size() < 2) return std::nullopt;
    const SettingList size{{sizes.back()}, {sizes[sizes.size() - 2]}};
    return FoundSetting{"transform.fixed_size", {size}, node};
  }
  return std::nullopt;
}

}  // namespace

void find_transform(const View& view, const std::vector<Layer>& layers, FoundSettings& found) {
  find_normalisation(view, found);
  find_divisor(view, found);
  find_size(view, "ReduceMin", "transform.min_size", found);
  find_size(view, "ReduceMax", "transform.max_size", found);
  const bool ssd = std::ranges::any_of(layers, [](const Layer& layer) {
    return layer.module.find(".module_list.") != std::string::npos;
  });
  if (!ssd) return;
  if (auto size = constant_size(view, layers)) found.push_back(*std::move(size));
}

}  // namespace tv2onnx::doctor
