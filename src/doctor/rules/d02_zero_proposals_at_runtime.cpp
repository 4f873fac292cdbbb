// D02: dies when an image has no proposals.
//
// A healthy trace keeps reshape(n, -1) and reshape(n, -1, 4) of the box head, with n proposals. The
// -1 of an empty tensor is undefined, so n = 0 is an error in every runtime. The general form: a
// Reshape whose shape mixes a dimension that depends on data with -1.
//
//   Reshape(layer, [n, -1])      readers take the layer itself
//   Reshape(boxes, [n, -1, 4])   becomes Reshape(boxes, [-1, classes, 4])

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "doctor/rules/rules.h"
#include "rewrite/data_flow.h"

namespace tv2onnx::doctor {
namespace {

struct Mixed {
  OnnxNode* reshape = nullptr;
  const OnnxNode* shape = nullptr;  ///< the Concat that makes the shape
};

/// Reshapes to a shape with a dimension from data and a -1.
std::vector<Mixed> mixed_reshapes(const View& view) {
  const std::set<std::string_view> dependent = data_dependent(view);
  std::vector<Mixed> found;
  for (OnnxNode* node : view.nodes()) {
    if (node->op != "Reshape" || node->inputs.size() < 2) continue;
    const OnnxNode* concat = view.producer(node->input(1), "Concat");
    if (concat == nullptr) continue;
    bool infers = false;
    bool from_data = false;
    for (const std::string& part : concat->inputs) {
      const auto constant = view.integers(part);
      infers = infers || (constant && std::ranges::count(*constant, -1) > 0);
      from_data = from_data || (!constant && dependent.contains(part));
    }
    if (infers && from_data) found.push_back({node, concat});
  }
  return found;
}

/// The head whose boxes pass through the reshape, else null.
const BoxHead* head_of(const RuleContext& context, const Mixed& mixed) {
  for (const BoxHead& head : context.box_heads) {
    if (head.reshape == mixed.reshape) return &head;
  }
  const auto last = context.view.integers(mixed.shape->input(2));
  const bool boxes =
      mixed.shape->inputs.size() == 3 && last && last->size() == 1 && (*last)[0] == 4;
  return boxes && context.box_heads.size() == 1 ? context.box_heads.data() : nullptr;
}

std::vector<Finding> examine_zero_proposals_at_runtime(const RuleContext& context) {
  const std::vector<Mixed> mixed = mixed_reshapes(context.view);
  if (mixed.empty()) return {};
  Finding finding{.code = "D02",
                  .damage = Damage::kCrash,
                  .what = "dies on an image without proposals (blank, dark, of another range)",
                  .evidence = {},
                  .symptom = "",
                  .since = "torch.onnx.export of all versions (tracing)",
                  .remedy = "shapes that do not mix the number of proposals with -1",
                  .repairable = true};
  for (const Mixed& each : mixed) {
    finding.evidence.push_back(each.reshape->label());
    finding.repairable = finding.repairable && head_of(context, each) != nullptr;
  }
  const std::int64_t classes = context.box_heads.empty() ? 0 : context.box_heads[0].classes;
  finding.symptom = classes > 0 ? fmt::format(
                                      "'input shape {{0,{}}}, requested shape {{0,-1}}'; TensorRT: "
                                      "'reshape wildcard -1'",
                                      4 * classes)
                                : "a Reshape fails on empty input; TensorRT: 'reshape wildcard -1'";
  return {finding};
}

void repair_zero_proposals_at_runtime(RuleContext& context) {
  View& view = context.view;
  for (const Mixed& mixed : mixed_reshapes(view)) {
    const BoxHead* head = head_of(context, mixed);
    if (head == nullptr) continue;
    if (head->reshape == mixed.reshape) {
      view.replace_readers(mixed.reshape->output(0), mixed.reshape->input(0));
    } else {
      const Tensor shape = make_tensor({3}, std::vector<std::int64_t>{-1, head->classes, 4});
      view.set_input(*mixed.reshape, 1, view.add_constant("doctor/boxes_of_classes", shape));
    }
  }
}

}  // namespace

Rule zero_proposals_at_runtime() {
  return {"D02", examine_zero_proposals_at_runtime, repair_zero_proposals_at_runtime};
}

}  // namespace tv2onnx::doctor
