#include "quantize/recipe.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include <algorithm>
#include <array>
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
constexpr auto kRows = std::to_array<Row>({
    {"backbone.fpn.", Part::kConvolutions},
    {"backbone.", Part::kBackbone},
    {"rpn.head.conv", Part::kConvolutions},
    {"roi_heads.box_head.", Part::kProducts},
    {"roi_heads.mask_head.", Part::kConvolutions},
    {"roi_heads.keypoint_head.", Part::kConvolutions},
    {"head.classification_head.conv.", Part::kConvolutions},
    {"head.regression_head.conv.", Part::kConvolutions},
});

Part part_of(const OnnxNode& node) {
  const auto* const row = std::ranges::find_if(
      kRows, [&](const Row& one) { return node.name.starts_with(one.prefix); });
  return row == kRows.end() ? Part::kNone : row->part;
}

/// A convolution with constant weights, one for all images.
bool has_weights(const View& view, const OnnxNode& node) {
  const bool bias = node.inputs.size() > 2 && !node.input(2).empty();
  return node.op == "Conv" && node.domain.empty() && view.float_weight(node.input(1)) != nullptr &&
         (!bias || view.float_weight(node.input(2)) != nullptr);
}

/// 8-bit depthwise convolutions are slower than float32 ones, and what is between them, too.
bool has_depthwise(const View& view) {
  return std::ranges::any_of(view.nodes(), [](const OnnxNode* node) {
    return node->op == "Conv" && node->integer("group", 1) > 1 && part_of(*node) == Part::kBackbone;
  });
}

}  // namespace

ChosenLayers choose_layers(const View& view, Recipe recipe) {
  ChosenLayers chosen;
  const bool backbone = recipe == Recipe::kAll || (recipe == Recipe::kAuto && !has_depthwise(view));
  for (const OnnxNode* node : view.nodes()) {
    const Part part = part_of(*node);
    if (part == Part::kProducts && is_layer(view, *node)) {
      chosen.products.emplace(node->name, node->input(1));
    }
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
