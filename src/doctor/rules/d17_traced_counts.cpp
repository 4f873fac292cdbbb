// D17: how much was found in the traced image is a constant.
//
// What is found (NonZero, NonMaxSuppression) is a list of any length. A trace that met a Python
// number where a tensor should have been keeps that of its own image:
//
//   TopK(candidates, 3)        3 candidates passed the threshold, min(topk_candidates, 3)
//   Split(found, [5, 2])       5 of one image, 2 of the other one; likewise Slice(found, 5, 7)
//   Gather(found, [0, 2, 3])   those survived
//   Reshape(found, [7, 4])
//
// Images with fewer crash, and of images with more the rest is lost. Repair of TopK: K becomes
// min(limit, n). The limit is the constant, unless the constant is less than torchvision's limit
// for the candidates of a one-stage detector. A Split into one part is the list itself.

#include <fmt/format.h>

#include <algorithm>

#include "doctor/rules/rules.h"
#include "doctor/traced_counts.h"
#include "graph/ops.h"
#include "rewrite/splice.h"

namespace tv2onnx::doctor {
namespace {

constexpr std::int64_t kToTheEnd = std::int64_t{1} << 31;

std::string listed(const std::vector<std::int64_t>& numbers) {
  constexpr std::size_t kShown = 6;
  std::string text;
  for (std::size_t k = 0; k < std::min(kShown, numbers.size()); ++k) {
    text += fmt::format("{}{}", k > 0 ? ", " : "", numbers[k]);
  }
  return numbers.size() > kShown ? text + ", ..." : text;
}

// ---- TopK

Finding of_top_k(const std::vector<TracedTopK>& traced) {
  const auto [least, most] = std::ranges::minmax(traced, {}, &TracedTopK::count);
  const std::string counts = least.count == most.count
                                 ? std::to_string(most.count)
                                 : fmt::format("{} to {}", least.count, most.count);
  const bool cuts = std::ranges::any_of(traced, &TracedTopK::cuts);
  Finding finding{
      .code = "D17",
      .damage = cuts ? Damage::kWrong : Damage::kCrash,
      .what = fmt::format("takes exactly {} of what was found: images with fewer crash", counts),
      .evidence = {},
      .symptom = fmt::format(
          "'k argument [{0}] should not be greater than specified axis dim value'; TensorRT: "
          "'length of reduction axis is smaller than K ({0})'",
          most.count),
      .since = "torch.onnx.export with torchvision before 0.12 (tracing)",
      .remedy = "as many as there are, at most as many as now",
      .repairable = true};
  if (cuts) {
    finding.what = fmt::format(
        "takes as many candidates as the traced image had ({}): images with fewer crash, of images "
        "with more the rest is lost",
        counts);
    finding.remedy = fmt::format(
        "as many candidates as there are, at most {} (torchvision's topk_candidates; for another "
        "one: --rebuild with --topk-candidates)",
        most.limit);
  }
  for (const TracedTopK& one : traced) {
    finding.evidence.push_back(fmt::format("{}   K = {}", one.node->label(), one.count));
  }
  return finding;
}

/// min(limit, n), int64 [1]
std::string bounded_count(View& view, const TracedTopK& one) {
  const std::int64_t axis = one.node->integer("axis", -1);
  const std::string& list = one.node->input(0);
  return insert_before(view, *one.node, "k", {{list}},
                       [&](Graph& graph, std::span<const Value> in) {
                         // A list along its last axis has no other one.
                         const std::int64_t place = axis < 0 ? 0 : axis;
                         const Value count = pick(shape_of(in[0]), {place}, 0);
                         return minimum(count, ints(graph, {one.limit}));
                       });
}

// ---- the rest

/// What the node does with a constant that only the traced image explains; "" if nothing.
std::string constant_of(const View& view, const OnnxNode& node) {
  if (node.inputs.empty()) return "";
  const auto along = [&](std::int64_t axis) { return runs_along_found(view, node.input(0), axis); };
  const auto input = [&]() {
    return node.inputs.size() > 1 ? view.integers(node.input(1)) : std::nullopt;
  };
  if (node.op == "Gather") {
    const auto places = input();
    if (!places || places->empty() || !along(node.integer("axis", 0))) return "";
    return fmt::format("takes places {}", listed(*places));
  }
  if (node.op == "Split") {
    const OnnxAttribute* attribute = node.find("split");
    const auto parts = attribute != nullptr ? std::optional(attribute->ints) : input();
    if (!parts || !along(node.integer("axis", 0))) return "";
    return fmt::format("parts of {}", listed(*parts));
  }
  if (node.op == "Slice") {
    const auto bounds = slice_bounds(view, node);
    const bool part = bounds && bounds->step == 1 && bounds->start > 0 && bounds->end > 0 &&
                      bounds->end < kToTheEnd;
    return part && along(bounds->axis) ? fmt::format("from {} to {}", bounds->start, bounds->end)
                                       : "";
  }
  if (node.op != "Reshape") return "";
  const auto shape = input();
  const bool fixed = shape && std::ranges::all_of(*shape, [](auto size) { return size > 0; });
  return fixed && along(0) ? fmt::format("to [{}]", listed(*shape)) : "";
}

/// A Split into one part, whose readers can read the list itself.
bool is_whole(const View& view, const OnnxNode& node) {
  return node.op == "Split" && node.outputs.size() == 1 && !view.is_output(node.output(0));
}

/// Split into one part (`whole`), or all that no local repair mends.
Finding of_others(const RuleContext& context, bool whole) {
  Finding finding{.code = "D17",
                  .damage = Damage::kCrash,
                  .what = "",
                  .evidence = {},
                  .symptom = "",
                  .since = "torch.onnx.export of all versions (tracing a Python number)",
                  .remedy = "",
                  .repairable = whole};
  for (const OnnxNode* node : context.view.nodes()) {
    const std::string text =
        is_whole(context.view, *node) == whole ? constant_of(context.view, *node) : "";
    if (!text.empty()) finding.evidence.push_back(fmt::format("{}   {}", node->label(), text));
  }
  finding.what = fmt::format("{} place{} of the graph count on what was found in the traced image",
                             finding.evidence.size(), finding.evidence.size() > 1 ? "s" : "");
  finding.symptom = "fails, or loses detections, as soon as an image has more or fewer";
  finding.remedy = whole ? "the whole list is one part"
                         : "export from the checkpoint with tv2onnx export; of your own "
                           "post-processing: tensors instead of len(), int(), .item() and lists";
  return finding;
}

// ---- the rule

std::vector<Finding> examine_traced_counts(const RuleContext& context) {
  std::vector<Finding> findings;
  const std::vector<TracedTopK> traced = find_traced_top_k(context.view);
  if (!traced.empty()) findings.push_back(of_top_k(traced));
  for (const bool whole : {true, false}) {
    Finding finding = of_others(context, whole);
    if (!finding.evidence.empty()) findings.push_back(std::move(finding));
  }
  return findings;
}

void repair_traced_counts(RuleContext& context) {
  View& view = context.view;
  for (const TracedTopK& one : find_traced_top_k(view)) {
    view.set_input(*one.node, 1, bounded_count(view, one));
  }
  for (OnnxNode* node : std::vector(view.nodes())) {
    if (!is_whole(view, *node) || constant_of(view, *node).empty()) continue;
    view.replace_readers(node->output(0), node->input(0));
  }
}

/// Of images with more candidates than the traced one the rest was lost.
bool corrects_traced_counts(const RuleContext& original, const ImageSize& /*size*/) {
  return std::ranges::any_of(find_traced_top_k(original.view), &TracedTopK::cuts);
}

}  // namespace

Rule traced_counts() {
  return {"D17", examine_traced_counts, repair_traced_counts, corrects_traced_counts};
}

}  // namespace tv2onnx::doctor
