#include "quantize/recipe.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "rewrite/quantise_products.h"

namespace tv2onnx {
namespace {

enum class Part { kNone, kBackbone, kConvolutions, kProducts };

struct Row {
  std::string_view prefix;  ///< of a module path
  Part part;
};

/// The first row that fits decides; what none fits stays float32, as do the last layers of heads:
/// errors of theirs move and reorder what is found, and they take little time.
constexpr auto kDetectorRows = std::to_array<Row>({
    {"backbone.fpn.", Part::kConvolutions},
    {"backbone.", Part::kBackbone},
    {"rpn.head.conv", Part::kConvolutions},
    {"roi_heads.box_head.", Part::kProducts},
    {"roi_heads.mask_head.", Part::kConvolutions},
    {"roi_heads.keypoint_head.", Part::kConvolutions},
    {"head.classification_head.conv.", Part::kConvolutions},
    {"head.regression_head.conv.", Part::kConvolutions},
});
/// Photos are prepared in float32, and the last convolution of a segmentation is what labels hang
/// on.
constexpr auto kOtherRows = std::to_array<Row>({
    {"preparation", Part::kNone},
    {"transform", Part::kNone},
    {"aux_classifier.", Part::kNone},
    {"classifier.4/Conv", Part::kNone},
    {"classifier.low_classifier", Part::kNone},
    {"classifier.high_classifier", Part::kNone},
    {"", Part::kBackbone},
});

/// torch.onnx.export names nodes /rpn/head/conv/conv.0/conv.0.0/Conv, behind the name of the module
/// that a detector is a part of.
bool is_at(std::string_view prefix, std::string name) {
  if (!name.starts_with('/')) return name.starts_with(prefix);
  std::ranges::replace(name, '/', '.');
  return name.find(fmt::format(".{}", prefix)) != std::string::npos;
}

Part part_of(const OnnxNode& node, Task task) {
  const std::span<const Row> rows =
      task == Task::kDetection ? std::span<const Row>(kDetectorRows) : kOtherRows;
  // Before torch 1.13 nodes were numbered, and only weights have the path.
  for (const std::string& name : {node.name, node.input(1)}) {
    const auto row =
        std::ranges::find_if(rows, [&](const Row& one) { return is_at(one.prefix, name); });
    if (row != rows.end()) return row->part;
  }
  return Part::kNone;
}

bool has_layer(const OnnxNode& node) {
  return node.op == "Conv" || node.op == "Gemm" || node.op == "MatMul";
}

/// A convolution with constant weights, one for all images.
bool has_weights(const View& view, const OnnxNode& node) {
  const bool bias = node.inputs.size() > 2 && !node.input(2).empty();
  return node.op == "Conv" && node.domain.empty() && view.float_weight(node.input(1)) != nullptr &&
         (!bias || view.float_weight(node.input(2)) != nullptr);
}

/// Of a detector its box head's, of other files all: transformers consist of them.
bool is_product(const View& view, const OnnxNode& node, Task task) {
  const Part wanted = task == Task::kDetection ? Part::kProducts : Part::kBackbone;
  return part_of(node, task) == wanted && is_layer(view, node);
}

/// 8-bit depthwise convolutions are slower than float32 ones, and what is between them, too.
/// Between the products of a transformer a convolution is alone with what it costs to round its
/// input.
bool is_slow_in_int8(const View& view, Task task) {
  return std::ranges::any_of(view.nodes(), [&](const OnnxNode* node) {
    // A stranger's detector may not tell where one is: those of the backbone are most.
    const bool known = task == Task::kDetection || part_of(*node, task) == Part::kBackbone;
    const bool depthwise = node->op == "Conv" && node->integer("group", 1) > 1 && known;
    const bool transformer =
        task != Task::kDetection && node->op == "MatMul" && is_product(view, *node, task);
    return depthwise || transformer;
  });
}

}  // namespace

void prepare_layers(OnnxModel& model) {
  View view(model);
  std::map<std::string, std::size_t> counts;
  for (const OnnxNode* node : view.nodes()) ++counts[node->name];
  for (OnnxNode* node : view.nodes()) {
    if (!has_layer(*node)) continue;
    for (std::size_t k = 1; k < node->inputs.size(); ++k) {
      const OnnxNode* same = view.producer(node->input(k), "Identity");
      if (same == nullptr || view.float_weight(same->input(0)) == nullptr) continue;
      view.set_input(*node, k, same->input(0));
    }
    if (!node->name.empty() && counts.at(node->name) == 1) continue;
    node->name = view.fresh_name(node->name.empty() ? node->op : node->name);
    node->source = {};
  }
}

ChosenLayers choose_layers(const View& view, Recipe recipe, Task task) {
  ChosenLayers chosen;
  const bool backbone =
      recipe == Recipe::kAll || (recipe == Recipe::kAuto && !is_slow_in_int8(view, task));
  for (const OnnxNode* node : view.nodes()) {
    if (!has_layer(*node) || &view.graph_of(*node) != &view.model().graph) continue;
    const Part part = part_of(*node, task);
    if (is_product(view, *node, task)) chosen.products.emplace(node->name, node->input(1));
    const bool wanted = part == Part::kBackbone ? backbone : part != Part::kNone;
    if (recipe != Recipe::kHead && wanted && has_weights(view, *node)) {
      chosen.convolutions.insert(node->name);
    }
  }
  return chosen;
}

int weight_bits_of_processor() {
#if defined(__x86_64__)
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  const bool avx512 = __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (c >> 11U & 1U) != 0;
  const bool avx = __get_cpuid_count(7, 1, &a, &b, &c, &d) != 0 && (a >> 4U & 1U) != 0;
  return avx512 || avx ? 8 : 7;
#else
  return 8;
#endif
}

}  // namespace tv2onnx
