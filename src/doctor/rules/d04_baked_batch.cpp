// D04 of classifiers: the number of the traced images is in the graph, and the input declares any.
//
//   x.view(1, -1), reshape of numbers    Reshape to [1, n]: of two images one list of both
//
// Repair: the first length becomes 0, which is Reshape's word for that of its input. Of as many
// images as were traced that is the same number.

#include <algorithm>

#include "doctor/classifier.h"
#include "doctor/rules/rules.h"

namespace tv2onnx::doctor {
namespace {

/// [k, ...] where the images are the first axis.
bool states_batch(const View& view, const OnnxNode& node) {
  if (node.op != "Reshape" || !depends_on_input(view, node.input(0))) return false;
  const auto shape = view.integers(node.input(1));
  return shape && shape->size() >= 2 && shape->front() > 0 && feeds_linear(view, node);
}

std::vector<OnnxNode*> reshapes(const RuleContext& context) {
  const View& view = context.view;
  std::vector<OnnxNode*> found;
  if (!is_classifier(view) || !declares_any_batch(view)) return found;
  for (OnnxNode* node : view.nodes()) {
    if (states_batch(view, *node)) found.push_back(node);
  }
  return found;
}

std::vector<Finding> examine_baked_batch(const RuleContext& context) {
  Finding finding{.code = "D04",
                  .damage = Damage::kCrash,
                  .what = "a reshape has the number of traced images, and the input declares any",
                  .evidence = {},
                  .symptom = "batches fail in the layer behind it, or their images are mixed up",
                  .since = "x.view(1, ...) and shapes computed in Python, traced",
                  .remedy = "the reshape takes the number of images from what it reshapes",
                  .repairable = true};
  for (const OnnxNode* node : reshapes(context)) finding.evidence.push_back(node->label());
  if (finding.evidence.empty()) return {};
  return {finding};
}

void repair_baked_batch(RuleContext& context) {
  View& view = context.view;
  for (OnnxNode* node : reshapes(context)) {
    std::vector<std::int64_t> shape = *view.integers(node->input(1));
    shape.front() = 0;
    const auto rank = static_cast<std::int64_t>(shape.size());
    const Tensor lengths = make_tensor({rank}, std::move(shape));
    view.set_input(*node, 1, view.add_constant("doctor/any_batch", lengths));
    // 0 is a length of its own where this attribute says so.
    std::erase_if(node->attributes,
                  [](const OnnxAttribute& one) { return one.name == "allowzero"; });
  }
}

}  // namespace

Rule baked_batch() {
  return {"D04", examine_baked_batch, repair_baked_batch};
}

}  // namespace tv2onnx::doctor
