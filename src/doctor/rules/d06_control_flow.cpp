// D06: branches, loops and sequences left by tracing, which other runtimes refuse.
//
//   If(Equal(Gather(Shape(x), 1), 1)) {Squeeze(x, 1) | Identity(x)}
//       the exporter did not know that x has one column. Where it provably has, Squeeze remains.
//   If(Equal(ReduceProd(Shape(boxes)), 0)) {[] | batched_nms(boxes)}
//       all of batched_nms but ReduceMax is content with no boxes. With one more number than there
//       are coordinates, the lowest, ReduceMax is too, and the branch for no boxes is not needed.
//
// What else there is, such as the Loop that pastes masks, is reported.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <ranges>
#include <utility>

#include "doctor/image_resize.h"
#include "doctor/rules/one_column.h"
#include "doctor/rules/rules.h"
#include "graph/ops.h"
#include "rewrite/inline_branch.h"
#include "rewrite/splice.h"

namespace tv2onnx::doctor {
namespace {

constexpr std::array<std::string_view, 4> kControlFlow{"If", "Loop", "Scan", "SequenceMap"};
constexpr std::array<std::string_view, 7> kSequences{
    "SequenceConstruct", "SequenceEmpty",   "SequenceAt",        "SequenceInsert",
    "SequenceLength",    "SplitToSequence", "ConcatFromSequence"};

OnnxGraph* branch_of(const OnnxNode& node, std::string_view name) {
  const OnnxAttribute* attribute = node.find(name);
  return attribute != nullptr && attribute->graphs.size() == 1 ? attribute->graphs[0].get()
                                                               : nullptr;
}

/// The last node if it is of that kind and all before it are constants.
const OnnxNode* only_node(const OnnxGraph* graph, std::string_view op) {
  if (graph == nullptr || graph->nodes.empty() || graph->nodes.back().op != op) return nullptr;
  const auto constants = std::ranges::count(graph->nodes, "Constant", &OnnxNode::op);
  const std::size_t others = graph->nodes.size() - static_cast<std::size_t>(constants);
  return others == (op == "Constant" ? 0U : 1U) ? &graph->nodes.back() : nullptr;
}

bool is_number(const View& view, std::string_view value, double number) {
  const auto found = view.number(value);
  return found && *found == number;
}

/// The other input of Equal(x, number), also behind a cast; "" if the condition is another one.
std::string_view compared_with(const View& view, std::string_view condition, double number) {
  const OnnxNode* equal = view.producer(before_casts(view, condition), "Equal");
  if (equal == nullptr) return "";
  for (std::size_t k = 0; k < 2; ++k) {
    if (is_number(view, equal->input(k), number)) return equal->input(1 - k);
  }
  return "";
}

/// Squeeze of what has one column anyway.
OnnxGraph* always_squeezes(const View& view, const OnnxNode& node) {
  OnnxGraph* branch = branch_of(node, "then_branch");
  const OnnxNode* squeeze = only_node(branch, "Squeeze");
  const OnnxNode* identity = only_node(branch_of(node, "else_branch"), "Identity");
  if (squeeze == nullptr || identity == nullptr || branch->outputs.size() != 1) return nullptr;
  const std::string& x = squeeze->input(0);
  const auto axes = axes_of(view, *squeeze);
  if (identity->input(0) != x || axes != std::vector<std::int64_t>{1}) return nullptr;
  const OnnxNode* columns = view.producer(compared_with(view, node.input(0), 1), "Gather");
  if (columns == nullptr || !is_number(view, columns->input(1), 1)) return nullptr;
  const OnnxNode* shape = view.producer(columns->input(0), "Shape");
  const bool of_x = shape != nullptr && shape->input(0) == x;
  return of_x && has_one_column(view, x) ? branch : nullptr;
}

/// Squeeze(Gather(NonMaxSuppression)), which is empty if there are no boxes.
bool returns_kept_boxes(const View& view, const OnnxGraph& branch) {
  std::string_view value = before_casts(view, branch.outputs[0].name);
  const OnnxNode* column = view.producer(value, "Gather");
  return column != nullptr && column->integer("axis", 0) == 1 &&
         view.producer(column->input(0), "NonMaxSuppression") != nullptr;
}

/// Whether every node gives a result for no boxes too, if ReduceMax does.
bool bears_no_boxes(const View& view, const OnnxGraph& branch, const std::string& boxes) {
  constexpr std::array<std::string_view, 14> kHarmless{
      "Cast",     "Constant", "Add",       "Sub",    "Mul",   "Unsqueeze", "NonMaxSuppression",
      "Identity", "Squeeze",  "ReduceMax", "Gather", "Shape", "Equal",     "Slice"};
  return std::ranges::all_of(branch.nodes, [&](const OnnxNode& node) {
    if (std::ranges::count(kHarmless, node.op) == 0) return false;
    if (node.op == "ReduceMax") {
      return node.inputs.size() == 1 && node.find("axes") == nullptr && node.input(0) == boxes;
    }
    // Gather from an empty table would be an error; from a shape or the columns of the result it is
    // none.
    return node.op != "Gather" || view.producer(node.input(0), "Shape") != nullptr ||
           (node.integer("axis", 0) == 1 &&
            view.producer(node.input(0), "NonMaxSuppression") != nullptr);
  });
}

/// batched_nms, which does not need its branch for no boxes.
OnnxGraph* suppresses_always(const View& view, const OnnxNode& node) {
  const OnnxNode* nothing = only_node(branch_of(node, "then_branch"), "Constant");
  OnnxGraph* branch = branch_of(node, "else_branch");
  if (nothing == nullptr || branch == nullptr || branch->outputs.size() != 1) return nullptr;
  const auto empty = view.constant(nothing->output(0));
  if (!empty || empty->shape != Shape{0}) return nullptr;
  const OnnxNode* count = view.producer(compared_with(view, node.input(0), 0), "ReduceProd");
  if (count == nullptr) return nullptr;
  const OnnxNode* shape = view.producer(count->input(0), "Shape");
  if (shape == nullptr || !bears_no_boxes(view, *branch, shape->input(0))) return nullptr;
  return returns_kept_boxes(view, *branch) ? branch : nullptr;
}

/// The branch that the If always equals, else null.
OnnxGraph* branch_for(const View& view, const OnnxNode& node) {
  if (node.op != "If" || node.outputs.size() != 1) return nullptr;
  if (OnnxGraph* branch = always_squeezes(view, node)) return branch;
  return suppresses_always(view, node);
}

/// max(all, lowest), which is max(all) if there are any.
void bear_emptiness(View& view, OnnxGraph& branch) {
  for (OnnxNode& node : branch.nodes) {
    if (node.op != "ReduceMax") continue;
    const std::string all = insert_before(
        view, node, "with_lowest", {{node.input(0)}}, [](Graph& graph, std::span<const Value> in) {
          const Value lowest = floats(graph, {std::numeric_limits<float>::lowest()});
          return concat({reshape(in[0], {-1}), lowest}, 0);
        });
    view.set_input(node, 0, all);
    return;
  }
}

/// Every If that can go. One has no other inside, as those operators are not among what may be in a
/// branch; when the inner ones are gone the outer one may go, in the next round.
bool inline_round(OnnxModel& model) {
  View view(model);
  std::vector<std::pair<OnnxNode*, OnnxGraph*>> found;
  for (OnnxNode* node : std::views::reverse(view.nodes())) {
    if (OnnxGraph* branch = branch_for(view, *node)) found.emplace_back(node, branch);
  }
  for (const auto& [node, branch] : found) bear_emptiness(view, *branch);
  Makers makers = count_makers(view);
  for (const auto& [node, branch] : found) inline_branch(view, *node, *branch, makers);
  return !found.empty();
}

void repair_control_flow(RuleContext& context) {
  while (inline_round(context.view.model())) {
  }
}

bool is_control_flow(const OnnxNode& node) {
  return std::ranges::count(kControlFlow, node.op) > 0 ||
         std::ranges::count(kSequences, node.op) > 0;
}

/// An If that can go, or that only contains others which can.
bool can_go(const View& view, const OnnxNode& node) {
  if (branch_for(view, node) != nullptr) return true;
  OnnxGraph* branch = node.op == "If" ? branch_of(node, "else_branch") : nullptr;
  if (branch == nullptr || branch->nodes.empty()) return false;
  // batched_nms of an older torchvision has an If of the first kind as its last node.
  const OnnxNode& last = branch->nodes.back();
  return last.op == "If" && always_squeezes(view, last) != nullptr;
}

std::vector<Finding> examine_control_flow(const RuleContext& context) {
  const View& view = context.view;
  Finding mendable{.code = "D06",
                   .damage = Damage::kLimit,
                   .what = "tracing left If nodes that always take the same branch",
                   .evidence = {},
                   .symptom =
                       "TensorRT: 'IIfConditionalOutputLayer inputs must have the same "
                       "shape'; runtimes without If refuse the file",
                   .since = "torch.onnx.export of torchvision detectors (scripted batched_nms)",
                   .remedy = "each If is replaced by the branch that is always taken",
                   .repairable = true};
  Finding rest{.code = "D06",
               .damage = Damage::kLimit,
               .what = "tracing left control flow or sequences",
               .evidence = {},
               .symptom = "TensorRT and OpenCV refuse some or all of these operators",
               .since = "torch.onnx.export (scripted parts of torchvision)",
               .remedy = "--rebuild exports the weights in this file anew, without control flow",
               .repairable = false};
  const bool detector = context.is_detector();
  for (const OnnxNode* node : view.nodes()) {
    if (!is_control_flow(*node)) continue;
    if (can_go(view, *node)) {
      mendable.evidence.push_back(node->label());
    } else if (detector) {
      rest.evidence.push_back(node->label());
    }
  }
  std::vector<Finding> findings;
  if (!mendable.evidence.empty()) findings.push_back(std::move(mendable));
  if (!rest.evidence.empty()) findings.push_back(std::move(rest));
  return findings;
}

}  // namespace

Rule control_flow() {
  return {"D06", examine_control_flow, repair_control_flow};
}

}  // namespace tv2onnx::doctor
