// D03 of classifiers: the size of the traced image is in the graph, and the input declares any.
//
// AdaptiveAvgPool2d of a known size is written as AveragePool with its kernel: of larger images the
// pool has several places, or leaves a part of the map out. No error of the exporter: it wrote what
// it saw. No local repair, as what the size was meant to be is gone; the weights are not, so that
// the network can be exported anew.

#include <fmt/format.h>

#include <algorithm>

#include "doctor/classifier.h"
#include "doctor/rules/rules.h"

namespace tv2onnx::doctor {
namespace {

/// An average over a map of known size, and not one of several pools on the way.
bool pools_known_size(const View& view, const OnnxNode& node) {
  const OnnxAttribute* kernel = node.find("kernel_shape");
  constexpr std::int64_t kLeast = 4;
  return node.op == "AveragePool" && kernel != nullptr && !kernel->ints.empty() &&
         std::ranges::min(kernel->ints) >= kLeast && feeds_linear(view, node);
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
          .remedy =
              "tv2onnx doctor MODEL.onnx --rebuild NEW.onnx, or tv2onnx export of the "
              "checkpoint, writes a file for every size"};
}

std::vector<Finding> examine_baked_pooling(const RuleContext& context) {
  const View& view = context.view;
  if (!is_classifier(view) || !declares_any_size(view)) return {};
  Finding pool = baked_pool();
  for (const OnnxNode* node : view.nodes()) {
    if (pools_known_size(view, *node)) pool.evidence.push_back(node->label());
  }
  if (pool.evidence.empty()) return {};
  return {pool};
}

}  // namespace

Rule baked_pooling() {
  return {"D03", examine_baked_pooling, nullptr};
}

}  // namespace tv2onnx::doctor
