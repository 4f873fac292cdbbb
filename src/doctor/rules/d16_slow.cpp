// D16: what makes a traced detector slow. Information: the results are right.
//
// Of 980 ms that torch's export of Faster R-CNN MobileNetV3 takes for 480x640 on one core, 277 go
// to putting pooled regions back in order: ScatterElements over an index that Expand has made as
// large as the features. A gather on the small result does the same.

#include <algorithm>

#include "doctor/rules/rules.h"

namespace tv2onnx::doctor {
namespace {

/// Whether the scatter's data comes from nothing but a constant, and its updates from RoiAlign.
bool collects_regions(const View& view, const OnnxNode& node) {
  constexpr std::size_t kUpdates = 2;
  if (node.op != "ScatterElements" || node.inputs.size() <= kUpdates) return false;
  std::string_view value = node.input(kUpdates);
  for (int step = 0; step < 8; ++step) {
    const OnnxNode* source = view.producer(value);
    if (source == nullptr || source->inputs.empty()) return false;
    if (source->op == "RoiAlign") return true;
    if (source->op != "Cast" && source->op != "Reshape" && source->op != "Slice") return false;
    value = source->input(0);
  }
  return false;
}

std::vector<Finding> examine_slow(const RuleContext& context) {
  if (context.box_heads.empty()) return {};
  Finding finding{.code = "D16",
                  .damage = Damage::kInformation,
                  .what = "pooled regions are scattered level by level (a quarter of the run time)",
                  .evidence = {},
                  .symptom = "1.4 to 2 times as slow as the same detector exported by tv2onnx",
                  .since = "torch.onnx.export of all versions (MultiScaleRoIAlign)",
                  .remedy = "tv2onnx export, from the checkpoint",
                  .repairable = false};
  for (const OnnxNode* node : context.view.nodes()) {
    if (collects_regions(context.view, *node)) finding.evidence.push_back(node->label());
  }
  if (finding.evidence.empty()) return {};
  return {finding};
}

}  // namespace

Rule slow_parts() {
  return {"D16", examine_slow, nullptr};
}

}  // namespace tv2onnx::doctor
