// D20: softmax twice.
//
//   softmax(softmax(x))     lies between 1 / (n - 1 + e) and e / (n - 1 + e): of 1000 classes the
//   best
//                           one gets at most 0.0027
//
// The order of the classes stays, so that accuracy does not show it; every threshold does. It comes
// of a module that ends in Softmax and was wrapped for the export once more. Repair: the second one
// goes. Logits without any softmax are what torchvision's networks give: no fault.

#include "doctor/classifier.h"
#include "doctor/rules/rules.h"

namespace tv2onnx::doctor {
namespace {

/// All but the one that sees the logits, last first.
std::vector<OnnxNode*> repeated(const RuleContext& context) {
  std::vector<OnnxNode*> found;
  if (!is_classifier(context.view)) return found;
  for (OnnxNode* node : behind_last_layer(context.view)) {
    if (node->op == "Softmax") found.push_back(node);
  }
  if (!found.empty()) found.pop_back();
  return found;
}

std::vector<Finding> examine_softmax(const RuleContext& context) {
  Finding finding{.code = "D20",
                  .damage = Damage::kWrong,
                  .what = "softmax of what went through softmax already",
                  .evidence = {},
                  .symptom =
                      "all classes are nearly equally probable; the best one of 1000 gets "
                      "0.0027 at most",
                  .since = "a network that ends in softmax, exported in a wrapper that adds one",
                  .remedy = "the first softmax stays, the others go",
                  .repairable = true};
  for (const OnnxNode* node : repeated(context)) finding.evidence.push_back(node->label());
  if (finding.evidence.empty()) return {};
  return {finding};
}

void repair_softmax(RuleContext& context) {
  View& view = context.view;
  for (OnnxNode* node : repeated(context)) {
    view.take_place(*node, *view.producer(node->input(0)));
  }
}

/// All probabilities were wrong.
bool corrects_softmax(const RuleContext& original, const ImageSize&) {
  return !repeated(original).empty();
}

}  // namespace

Rule repeated_softmax() {
  return {"D20", examine_softmax, repair_softmax, corrects_softmax};
}

}  // namespace tv2onnx::doctor
