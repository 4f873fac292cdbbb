// D01: traced with zero proposals.
//
// BoxCoder.decode reshapes its result to [n, classes, 4] only if there are boxes at all, and a
// trace records what happened. Without the reshape
//
//   boxes[:, 1:]    cuts the first coordinate off instead of the background class:
//   [n, 4C] -> [n, 4C-1] -> reshape(-1, 4)
//
// which dies, or, if n is divisible by 4, shifts every box. Repair: Reshape(x, [-1, C, 4]) in front
// of that slice.

#include <fmt/format.h>

#include <deque>
#include <set>

#include "doctor/rules/rules.h"
#include "graph/ops.h"
#include "rewrite/splice.h"

namespace tv2onnx::doctor {
namespace {

constexpr std::int64_t kColumnsOfBox = 4;

/// boxes[:, 1:]
bool cuts_first_column(const View& view, const OnnxNode& node) {
  const auto bounds = slice_bounds(view, node);
  return bounds && bounds->axis == 1 && bounds->start == 1 && bounds->step == 1;
}

/// reshape(n, classes, 4), with whatever in the first two places.
bool makes_boxes_of_classes(const View& view, const OnnxNode& node) {
  if (node.op != "Reshape" || node.inputs.size() < 2) return false;
  if (const auto shape = view.integers(node.input(1))) {
    return shape->size() == 3 && shape->back() == kColumnsOfBox;
  }
  const OnnxNode* concat = view.producer(node.input(1), "Concat");
  if (concat == nullptr || concat->inputs.size() != 3) return false;
  const auto last = view.integers(concat->input(2));
  return last && last->size() == 1 && (*last)[0] == kColumnsOfBox;
}

/// The first slice behind the decoding that cuts a column off and that no reshape to
/// [n, classes, 4] leads to; null in a healthy file.
OnnxNode* wrong_slice(const View& view, const BoxHead& head) {
  std::deque<OnnxNode*> queue(head.slices.begin(), head.slices.end());
  std::set<OnnxNode*> seen(queue.begin(), queue.end());
  constexpr std::size_t kMostSeen = 2'000;  // the slice is some 40 nodes away, once per image
  while (!queue.empty() && seen.size() < kMostSeen) {
    OnnxNode* node = queue.front();
    queue.pop_front();
    if (makes_boxes_of_classes(view, *node)) continue;
    if (cuts_first_column(view, *node)) return node;
    // Shapes are no boxes, and what a gather takes by index is behind the place that is sought.
    if (node->op == "Shape" || node->op == "NonZero" || node->op == "NonMaxSuppression") continue;
    for (const std::string& output : node->outputs) {
      for (const View::Use& use : view.uses(output)) {
        if (use.input == 0 || use.node->op == "Concat" || use.node->op == "Add" ||
            use.node->op == "Sub" || use.node->op == "Mul") {
          if (seen.insert(use.node).second) queue.push_back(use.node);
        }
      }
    }
  }
  return nullptr;
}

std::vector<Finding> examine_zero_proposals_traced(const RuleContext& context) {
  std::vector<Finding> findings;
  for (const BoxHead& head : context.box_heads) {
    const OnnxNode* slice = wrong_slice(context.view, head);
    if (slice == nullptr) continue;
    const std::int64_t columns = kColumnsOfBox * head.classes - 1;
    findings.push_back(
        {.code = "D01",
         .damage = Damage::kWrong,
         .what = fmt::format(
             "traced with an image without proposals: a coordinate is cut off instead of the "
             "background class ({} classes)",
             head.classes),
         .evidence = {head.layer->label(), slice->label()},
         .symptom = fmt::format(
             "dies with 'input shape {{n,{}}}, requested shape {{-1,4}}', or, when the number of "
             "proposals is divisible by 4, returns wrong boxes without an error",
             columns),
         .since = "torch.onnx.export of all versions (tracing)",
         .remedy = "one Reshape to [-1, classes, 4] in front of the slice",
         .repairable = true});
  }
  return findings;
}

void repair_zero_proposals_traced(RuleContext& context) {
  View& view = context.view;
  for (const BoxHead& head : context.box_heads) {
    OnnxNode* slice = wrong_slice(view, head);
    if (slice == nullptr) continue;
    view.set_input(*slice, 0,
                   insert_before(view, *slice, "boxes_of_classes", {{slice->input(0)}},
                                 [&](Graph&, std::span<const Value> deltas) {
                                   return reshape(deltas[0], {-1, head.classes, kColumnsOfBox});
                                 }));
  }
}

}  // namespace

Rule zero_proposals_traced() {
  return {"D01", examine_zero_proposals_traced, repair_zero_proposals_traced,
          [](const RuleContext&, const ImageSize&) { return true; }};
}

}  // namespace tv2onnx::doctor
