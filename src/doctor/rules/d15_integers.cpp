// D15, integers: Sqrt of an integer, which ONNX does not have.
//
// torch.sqrt(torch.tensor(n)) of a length n, as RAFT scales its correlation, is a float in torch.
// The exporter writes Shape -> Gather -> Cast to int64 -> Sqrt, and every runtime refuses the file.
// Repair: the integer becomes a float in front of the Sqrt.

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "doctor/rules/rules.h"
#include "onnx/schema.h"
#include "rewrite/edit.h"

namespace tv2onnx::doctor {
namespace {

bool is_integer(std::int64_t data_type) {
  constexpr auto kIntegers = std::to_array<DType>({DType::kInt64, DType::kInt32, DType::kUInt8});
  return std::ranges::any_of(kIntegers,
                             [&](DType one) { return schema::data_type(one) == data_type; });
}

/// A length, or what a Cast says is one.
bool is_integer(const View& view, std::string value) {
  static const std::set<std::string_view> passing{"Gather", "Squeeze", "Unsqueeze", "Identity",
                                                  "Slice"};
  constexpr int kSteps = 8;
  for (int step = 0; step < kSteps; ++step) {
    const OnnxNode* node = view.producer(value);
    if (node == nullptr) return view.integers(value).has_value();
    if (node->op == "Shape" || node->op == "Size") return true;
    if (node->op == "Cast") return is_integer(node->integer("to", 0));
    if (!passing.contains(node->op) || node->inputs.empty()) return false;
    value = node->input(0);
  }
  return false;
}

std::vector<OnnxNode*> roots_of_integers(const RuleContext& context) {
  std::vector<OnnxNode*> found;
  for (OnnxNode* node : context.view.nodes()) {
    if (node->op == "Sqrt" && node->domain.empty() && node->inputs.size() == 1 &&
        is_integer(context.view, node->input(0))) {
      found.push_back(node);
    }
  }
  return found;
}

std::vector<Finding> examine_integers(const RuleContext& context) {
  Finding finding{.code = "D15",
                  .damage = Damage::kCrash,
                  .what = "Sqrt of an integer, which ONNX does not have",
                  .evidence = {},
                  .symptom =
                      "the model does not load: Type 'tensor(int64)' of input parameter of "
                      "operator (Sqrt) is invalid",
                  .since = "torch.onnx.export of RAFT, torch 1.13 and older",
                  .remedy = "the integer becomes a float in front of it",
                  .repairable = true};
  for (const OnnxNode* node : roots_of_integers(context)) finding.evidence.push_back(node->label());
  if (finding.evidence.empty()) return {};
  return {finding};
}

void repair_integers(RuleContext& context) {
  View& view = context.view;
  for (OnnxNode* node : roots_of_integers(context)) {
    const std::string real = view.fresh_name("doctor/real");
    OnnxNode cast;
    cast.name = real;
    cast.op = "Cast";
    cast.inputs = {node->input(0)};
    cast.outputs = {real};
    cast.attributes.push_back(
        integer_attribute("to", static_cast<std::int64_t>(schema::data_type(DType::kFloat32))));
    view.insert(*node, {cast});
    view.set_input(*node, 0, real);
  }
}

}  // namespace

Rule roots_of_integers() {
  return {"D15", examine_integers, repair_integers};
}

}  // namespace tv2onnx::doctor
