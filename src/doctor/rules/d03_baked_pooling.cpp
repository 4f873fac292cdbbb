// D03, D04 of classifiers: the size or the number of the traced images is in the graph, and the
// input declares any.
//
//   AdaptiveAvgPool2d of a known size    AveragePool with its kernel: of larger images the pool has
//                                        several places, or leaves a part of the map out
//   x.view(1, -1), reshape of numbers    Reshape to [1, n]: of two images one list of both
//
// Neither is an error of the exporter: it wrote what it saw. No local repair, as what the size was
// meant to be is gone; the checkpoint has it.

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "doctor/classifier.h"
#include "doctor/rules/rules.h"

namespace tv2onnx::doctor {
namespace {

/// Whether what the node makes goes into a layer that takes one number of features.
bool feeds_linear(const View& view, const OnnxNode& node) {
  static const std::set<std::string_view> forms{"Flatten", "Reshape", "Squeeze", "Identity",
                                                "Dropout"};
  constexpr int kSteps = 6;
  std::string value = node.output(0);
  for (int step = 0; step < kSteps; ++step) {
    const std::vector<View::Use>& uses = view.uses(value);
    const auto next = std::ranges::find(uses, std::size_t{0}, &View::Use::input);
    if (next == uses.end()) return false;
    if (next->node->op == "Gemm" || next->node->op == "MatMul") return true;
    if (!forms.contains(next->node->op) || next->node->outputs.empty()) return false;
    value = next->node->output(0);
  }
  return false;
}

/// An average over a map of known size, and not one of several pools on the way.
bool pools_known_size(const View& view, const OnnxNode& node) {
  const OnnxAttribute* kernel = node.find("kernel_shape");
  constexpr std::int64_t kLeast = 4;
  return node.op == "AveragePool" && kernel != nullptr && !kernel->ints.empty() &&
         std::ranges::min(kernel->ints) >= kLeast && feeds_linear(view, node);
}

/// [k, ...] where the images are the first axis.
bool states_batch(const View& view, const OnnxNode& node) {
  if (node.op != "Reshape" || !depends_on_input(view, node.input(0))) return false;
  const auto shape = view.integers(node.input(1));
  return shape && shape->size() >= 2 && shape->front() > 0 && feeds_linear(view, node);
}

Finding baked_pool() {
  return {.code = "D03",
          .damage = Damage::kWrong,
          .what = "the last pooling is for one image size, and the input declares any",
          .evidence = {},
          .symptom =
              "other sizes fail in the layer behind it, or a part of the image is not looked "
              "at",
          .since = "torch.onnx.export of adaptive_avg_pool2d, with the dimensions named afterwards",
          .remedy = "tv2onnx export of the checkpoint writes a file for every size"};
}

Finding baked_batch() {
  return {.code = "D04",
          .damage = Damage::kCrash,
          .what = "a reshape has the number of traced images, and the input declares any",
          .evidence = {},
          .symptom = "batches fail in the layer behind it, or their images are mixed up",
          .since = "x.view(1, ...) and shapes computed in Python, traced",
          .remedy = "tv2onnx export of the checkpoint writes a file for every batch"};
}

std::vector<Finding> examine(const RuleContext& context) {
  const View& view = context.view;
  if (!is_classifier(view)) return {};
  Finding pool = baked_pool();
  Finding batch = baked_batch();
  for (const OnnxNode* node : view.nodes()) {
    if (declares_any_size(view) && pools_known_size(view, *node)) {
      pool.evidence.push_back(node->label());
    }
    if (declares_any_batch(view) && states_batch(view, *node)) {
      batch.evidence.push_back(node->label());
    }
  }
  std::vector<Finding> findings;
  for (const Finding* finding : {&pool, &batch}) {
    if (!finding->evidence.empty()) findings.push_back(*finding);
  }
  return findings;
}

}  // namespace

Rule baked_pooling() {
  return {"D03", examine, nullptr};
}

}  // namespace tv2onnx::doctor
